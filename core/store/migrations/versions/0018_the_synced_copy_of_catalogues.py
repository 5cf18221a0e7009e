"""the synced copy of catalogues, its index of words, and the history of the syncs

The index is the database's own: FTS5 over the rows on SQLite, a tsvector beside them on PostgreSQL. Triggers keep it in
step, so that a restored backup fills it too; what is gone is not in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_SQLITE = (
    """CREATE VIRTUAL TABLE catalogue_words USING fts5(heading, words, marks, content='catalogue_tracks',
    content_rowid='id', tokenize="unicode61 remove_diacritics 0")""",
    "INSERT INTO catalogue_words(catalogue_words, rank) VALUES('rank', 'bm25(6.0, 1.0, 0.0)')",
    """CREATE TRIGGER catalogue_words_new AFTER INSERT ON catalogue_tracks WHEN new.gone_at IS NULL BEGIN
    INSERT INTO catalogue_words(rowid, heading, words, marks) VALUES (new.id, new.heading, new.words, new.marks); END""",
    """CREATE TRIGGER catalogue_words_gone AFTER DELETE ON catalogue_tracks WHEN old.gone_at IS NULL BEGIN
    INSERT INTO catalogue_words(catalogue_words, rowid, heading, words, marks)
    VALUES ('delete', old.id, old.heading, old.words, old.marks); END""",
    """CREATE TRIGGER catalogue_words_changed AFTER UPDATE OF heading, words, marks ON catalogue_tracks
    WHEN old.gone_at IS NULL AND new.gone_at IS NULL BEGIN
    INSERT INTO catalogue_words(catalogue_words, rowid, heading, words, marks)
    VALUES ('delete', old.id, old.heading, old.words, old.marks);
    INSERT INTO catalogue_words(rowid, heading, words, marks) VALUES (new.id, new.heading, new.words, new.marks); END""",
    """CREATE TRIGGER catalogue_words_out AFTER UPDATE OF gone_at ON catalogue_tracks
    WHEN old.gone_at IS NULL AND new.gone_at IS NOT NULL BEGIN
    INSERT INTO catalogue_words(catalogue_words, rowid, heading, words, marks)
    VALUES ('delete', old.id, old.heading, old.words, old.marks); END""",
    """CREATE TRIGGER catalogue_words_back AFTER UPDATE OF gone_at ON catalogue_tracks
    WHEN old.gone_at IS NOT NULL AND new.gone_at IS NULL BEGIN
    INSERT INTO catalogue_words(rowid, heading, words, marks) VALUES (new.id, new.heading, new.words, new.marks); END""",
)
_POSTGRESQL = (
    """CREATE TABLE catalogue_words (id integer CONSTRAINT pk_catalogue_words PRIMARY KEY
    REFERENCES catalogue_tracks (id) ON DELETE CASCADE, tokens tsvector NOT NULL)""",
    "CREATE INDEX ix_catalogue_words_tokens ON catalogue_words USING gin (tokens)",
    """CREATE FUNCTION studio_catalogue_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.gone_at IS NOT NULL THEN DELETE FROM catalogue_words WHERE id = NEW.id; RETURN NULL; END IF;
    INSERT INTO catalogue_words (id, tokens) VALUES (NEW.id, setweight(to_tsvector('simple', NEW.heading), 'A')
    || setweight(to_tsvector('simple', NEW.words), 'C') || setweight(to_tsvector('simple', NEW.marks), 'D'))
    ON CONFLICT (id) DO UPDATE SET tokens = EXCLUDED.tokens; RETURN NULL; END $$""",
    """CREATE TRIGGER catalogue_words_kept AFTER INSERT OR UPDATE OF heading, words, marks, gone_at ON catalogue_tracks
    FOR EACH ROW EXECUTE FUNCTION studio_catalogue_words()""",
)


def upgrade() -> None:
    op.create_table(
        "catalogue_tracks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("track_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("sorts", sa.Text(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("bpm", sa.Float(), nullable=True),
        sa.Column("price", sa.Float(), nullable=True),
        sa.Column("popularity", sa.Float(), nullable=True),
        sa.Column("released", sa.String(length=10), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("seen_run", sa.String(length=60), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("gone_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_tracks")),
        sa.UniqueConstraint("provider", "track_id", name=op.f("uq_catalogue_tracks_provider_track_id")),
    )
    op.create_index("ix_catalogue_tracks_seen", "catalogue_tracks", ["provider", "seen_run"])
    op.create_table(
        "catalogue_runs",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("chain", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("job_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("odd", sa.Integer(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_runs")),
        sa.UniqueConstraint("job_id", name=op.f("uq_catalogue_runs_job_id")),
    )
    op.create_index("ix_catalogue_runs_provider_started_at", "catalogue_runs", ["provider", "started_at"])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_table("catalogue_runs")
    op.execute("DROP TABLE catalogue_words")
    op.drop_table("catalogue_tracks")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION studio_catalogue_words()")
