"""a long queue, and PostgreSQL tells of jobs

Indexes for ten thousand waiting jobs and a million ended ones. A worker listens instead of asking ten times a second. Statement-level, and only for columns that decide what runs next:
a job's progress is written often, and NOTIFY takes a lock at commit.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


INDEXES = {
    "ix_jobs_position": ["position"],
    "ix_jobs_status_user": ["status", "user_id"],
    "ix_jobs_resource_queue": ["status", "resource", "priority", "position"],
    "ix_jobs_kind_created": ["kind", "created_at"],
    "ix_jobs_created": ["created_at"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "jobs", columns)
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        """CREATE FUNCTION studio_tell_of_jobs() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NOTIFY studio_jobs; RETURN NULL; END $$"""
    )
    op.execute(
        """CREATE TRIGGER studio_jobs_told AFTER INSERT OR UPDATE OF status, paused, priority, position ON jobs
        FOR EACH STATEMENT EXECUTE FUNCTION studio_tell_of_jobs()"""
    )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "jobs")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER studio_jobs_told ON jobs")
        op.execute("DROP FUNCTION studio_tell_of_jobs()")
