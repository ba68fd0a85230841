"""Dovecot and PostgreSQL as Debian packs them, started for one test on a folder and a port of its own."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

PATIENCE = 60.0
DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
POSTGRES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
DOVECOT_CONF = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/maildir:INDEX=MEMORY
passdb {{
  driver = static
  args = password=geheim
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(port, process):
    """Wait until something listens."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, f"it ended with {process.returncode}"
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def owner(name):
    """Return who the server runs as: the user `name` where we are root, which these servers refuse to be."""
    return name if os.geteuid() == 0 else getpass.getuser()


def own_folder():
    """Make a folder that another user can reach: each run of pytest closes its own to others."""
    folder = Path(tempfile.mkdtemp(prefix="condotta-"))
    folder.chmod(0o755)
    return folder


def end(process, how=signal.SIGTERM):
    """Ask a server to end, and end it."""
    process.send_signal(how)
    try:
        process.wait(PATIENCE / 4)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Dovecot:
    """An IMAP server over one Maildir: user archive, password geheim."""

    def __init__(self):
        self.folder, self.port = own_folder(), free_port()
        self.maildir = self.folder / "maildir"

    def __enter__(self):
        user = owner("dovecot")
        for name in ("run", "maildir/new", "maildir/cur", "maildir/tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, user)
        group = subprocess.run(["id", "-gn", user], capture_output=True, text=True, check=True).stdout.strip()
        conf = self.folder / "dovecot.conf"
        conf.write_text(DOVECOT_CONF.format(folder=self.folder, user=user, group=group, port=self.port))
        self.process = subprocess.Popen([DOVECOT, "-F", "-c", conf], stderr=subprocess.DEVNULL)
        answers(self.port, self.process)
        return self

    def __exit__(self, *_):
        end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres:
    """A PostgreSQL with one database, open to this machine."""

    def __init__(self):
        self.top, self.port = own_folder(), free_port()
        self.folder = self.top / "pg"

    @property
    def address(self):
        return f"postgresql://condotta@127.0.0.1:{self.port}/postgres"

    def ready(self):
        """Wait until it takes connections: it listens before that."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return psycopg.connect(self.address).close()
            except psycopg.OperationalError:
                assert time.monotonic() < end
            time.sleep(0.1)

    def __enter__(self):
        user = owner("postgres")
        self.folder.mkdir()
        shutil.chown(self.folder, user)
        as_user = {"user": user} if os.geteuid() == 0 else {}
        init = [
            POSTGRES / "initdb",
            "-D",
            self.folder,
            "-U",
            "condotta",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run(init, check=True, capture_output=True, cwd="/", **as_user)
        command = [POSTGRES / "postgres", "-D", self.folder, "-p", str(self.port), "-k", self.folder]
        log = (self.folder.parent / "postgres.log").open("wb")
        self.process = subprocess.Popen(
            [*command, "-c", "listen_addresses=127.0.0.1"], cwd="/", stdout=log, stderr=log, **as_user
        )
        answers(self.port, self.process)
        self.ready()
        return self

    def __exit__(self, *_):
        end(self.process, signal.SIGINT)  # SIGTERM waits for whoever is still connected
        shutil.rmtree(self.top, ignore_errors=True)
