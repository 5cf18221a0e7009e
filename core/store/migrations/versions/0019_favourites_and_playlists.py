"""favourite tracks, playlists and what is in them"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "favourite_tracks",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("track_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("track", sa.JSON(), nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourite_tracks")),
        sa.UniqueConstraint("user_id", "provider", "track_id", name=op.f("uq_favourite_tracks_user_id_provider_track_id")),
    )  # fmt: skip
    op.create_table(
        "playlists",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("rules", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlists")),
    )
    op.create_index("ix_playlists_visibility", "playlists", ["visibility"])
    op.create_index("ix_playlists_user_id", "playlists", ["user_id"])
    op.create_table(
        "playlist_entries",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("playlist_id", sa.String(length=60), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("track_id", sa.String(length=200), nullable=False),
        sa.Column("track", sa.JSON(), nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["playlists.id"], name=op.f("fk_playlist_entries_playlist_id_playlists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist_entries")),
        sa.UniqueConstraint(
            "playlist_id", "provider", "track_id", name=op.f("uq_playlist_entries_playlist_id_provider_track_id")
        ),
    )  # fmt: skip
    op.create_index("ix_playlist_entries_order", "playlist_entries", ["playlist_id", "position"])


def downgrade() -> None:
    op.drop_table("playlist_entries")
    op.drop_table("playlists")
    op.drop_table("favourite_tracks")
