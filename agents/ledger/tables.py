"""The tables of a ledger, and how older ones become ours."""

VERSION = 2

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE mails (
  id TEXT PRIMARY KEY,                    -- Message-ID, without brackets
  kind TEXT NOT NULL DEFAULT 'group',     -- group, hourly or daily
  subscriber TEXT NOT NULL,
  theatre TEXT NOT NULL,                  -- of a group; else empty
  recipient TEXT NOT NULL,                -- the address it went to
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  began REAL NOT NULL,                    -- when sending first began, the Date
  ended REAL,                             -- when it reached its state
  tries INTEGER NOT NULL DEFAULT 1,
  again REAL,                             -- WAITING: not before
  code INTEGER,                           -- of the server's last answer
  answer TEXT,
  content BLOB                            -- the message, null once it cannot go out again
);
CREATE TABLE alerts (
  id TEXT PRIMARY KEY,  -- of an alert
  subscriber TEXT NOT NULL,
  theatre TEXT NOT NULL,
  story TEXT NOT NULL,
  key TEXT NOT NULL,
  period TEXT,
  step TEXT NOT NULL,
  type TEXT NOT NULL,
  rank INTEGER NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('now', 'digest')),
  due REAL NOT NULL,                      -- for now: the article's own time, else when its digest ends
  article TEXT NOT NULL,
  claim TEXT NOT NULL,
  accepted REAL NOT NULL,                 -- when it became durable here
  mail TEXT REFERENCES mails (id),
  record BLOB,                            -- the alert, null once its mail cannot go out again
  fate TEXT,                              -- MUTED, UNSUBSCRIBED or UNTOLD: it will be in no mail
  held TEXT                               -- why it went into the digest though it was for now
);
CREATE TABLE stops (                      -- what is not to be told; an empty story is all of them
  subscriber TEXT NOT NULL, story TEXT NOT NULL, until REAL, at REAL NOT NULL,
  PRIMARY KEY (subscriber, story)
);
CREATE TABLE addresses (address TEXT PRIMARY KEY, refused INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE readers (subscriber TEXT PRIMARY KEY, since REAL NOT NULL);
CREATE TABLE outbox (id TEXT PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE offsets (
  topic TEXT NOT NULL, part INTEGER NOT NULL, next BIGINT NOT NULL, PRIMARY KEY (topic, part)
);
CREATE TABLE readings (
  day TEXT NOT NULL, source TEXT NOT NULL, language TEXT NOT NULL, articles INTEGER NOT NULL,
  PRIMARY KEY (day, source, language)
);
CREATE INDEX alerts_pending ON alerts (subscriber, theatre, channel, accepted)
  WHERE mail IS NULL AND fate IS NULL;
CREATE INDEX alerts_of_mail ON alerts (mail) WHERE mail IS NOT NULL;
CREATE INDEX alerts_of_article ON alerts (article);
CREATE INDEX alerts_of_story ON alerts (story, subscriber);
CREATE INDEX mails_of_group ON mails (subscriber, theatre, began);
CREATE INDEX mails_open ON mails (state) WHERE state NOT IN ('SENT', 'DROPPED');
CREATE VIEW rows AS
  SELECT alerts.*, coalesce(mails.state, alerts.fate, 'PENDING') AS state
  FROM alerts LEFT JOIN mails ON mails.id = alerts.mail;
"""
UPGRADE = {
    1: """
DROP VIEW rows;
ALTER TABLE alerts RENAME TO alerts_1;
ALTER TABLE mails RENAME TO mails_1;
DROP INDEX alerts_pending;
DROP INDEX alerts_of_mail;
DROP INDEX alerts_of_article;
DROP INDEX alerts_of_story;
DROP INDEX mails_of_group;
DROP INDEX mails_open;
ALTER TABLE about RENAME TO about_1;
""",
}
COPY = """
INSERT INTO mails
  (id, kind, subscriber, theatre, recipient, subject, state, began, ended, tries, again, code, answer,
  content)
  SELECT id, kind, subscriber, theatre, recipient, subject, state, began, ended, tries, again, code, answer,
  content FROM mails_1;
INSERT INTO alerts
  (id, subscriber, theatre, story, key, period, step, type, rank, channel, due, article, claim, accepted,
  mail, record)
  SELECT id, subscriber, theatre, story, key, period, step, type, rank, channel, due,
  article, claim, accepted, mail, record FROM alerts_1 ORDER BY rowid;
INSERT INTO about SELECT name, value FROM about_1;
DROP TABLE alerts_1;
DROP TABLE mails_1;
DROP TABLE about_1;
"""
