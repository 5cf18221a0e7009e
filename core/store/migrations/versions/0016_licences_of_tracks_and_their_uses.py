"""licences of tracks, and where they were used"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "licence_events",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("provider", "event_id", name=op.f("pk_licence_events")),
    )
    op.create_table(
        "track_licences",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("track_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("artist", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("licensee_kind", sa.String(length=10), nullable=False),
        sa.Column("licensee", sa.String(length=200), nullable=False),
        sa.Column("projects", sa.JSON(), nullable=False),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("territories", sa.JSON(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("audience_max", sa.Integer(), nullable=True),
        sa.Column("commercial", sa.Boolean(), nullable=False),
        sa.Column("derivatives", sa.Boolean(), nullable=False),
        sa.Column("single_use", sa.Boolean(), nullable=False),
        sa.Column("keeps_published", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("ends_on", sa.String(length=10), nullable=True),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("price_usd", sa.BigInteger(), nullable=False),
        sa.Column("certificate", sa.String(length=200), nullable=False),
        sa.Column("proof_asset_id", sa.String(length=40), nullable=True),
        sa.Column("proof_sha256", sa.String(length=64), nullable=True),
        sa.Column("proof_name", sa.String(length=200), nullable=False),
        sa.Column("job_id", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_why", sa.String(length=300), nullable=False),
        sa.Column("changed_by_event", sa.String(length=100), nullable=False),
        sa.Column("event_at", sa.DateTime(), nullable=True),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.String(length=60), nullable=False),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_licences")),
    )
    op.create_index("ix_track_licences_ends_on", "track_licences", ["ends_on"])
    op.create_index("ix_track_licences_track", "track_licences", ["provider", "track_id"])
    op.create_index("ix_track_licences_user", "track_licences", ["user_id", "ends_on"])
    op.create_table(
        "track_uses",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("track_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("artist", sa.String(length=200), nullable=False),
        sa.Column("genre", sa.String(length=40), nullable=True),
        sa.Column("mood", sa.String(length=40), nullable=True),
        sa.Column("asset_id", sa.String(length=40), nullable=False),
        sa.Column("output_asset_id", sa.String(length=40), nullable=False),
        sa.Column("output_name", sa.String(length=200), nullable=False),
        sa.Column("project_id", sa.String(length=60), nullable=False),
        sa.Column("licence_id", sa.String(length=60), nullable=True),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("territory", sa.String(length=40), nullable=False),
        sa.Column("commercial", sa.Boolean(), nullable=False),
        sa.Column("used_on", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=500), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_uses")),
    )
    op.create_index("ix_track_uses_updated_at", "track_uses", ["updated_at"])
    op.create_index("ix_track_uses_licence", "track_uses", ["licence_id"])
    op.create_index("ix_track_uses_output", "track_uses", ["output_asset_id"])
    op.create_index("ix_track_uses_project", "track_uses", ["project_id"])
    op.create_index("ix_track_uses_user", "track_uses", ["user_id", "used_on"])


def downgrade() -> None:
    op.drop_table("track_uses")
    op.drop_table("track_licences")
    op.drop_table("licence_events")
