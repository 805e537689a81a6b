"""Which knobs does the operator have, and how far do they turn?

Every setting is a variable `CHIPLEDGER_<NAME>` or a line of the TOML file that `CHIPLEDGER_SETTINGS` names;
variables win. Sizes and times carry their unit in their name. What belongs to the rules of the log (payloads,
manifests, waits) is no setting: an operator must not be able to change what a statement may be.
"""

import os
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ledger.batch.flood import CHIPS_PER_PARTY_DAY

SETTINGS_FILE_VARIABLE = "CHIPLEDGER_SETTINGS"
MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """The settings, with their defaults and bounds."""

    model_config = SettingsConfigDict(env_prefix="CHIPLEDGER_", frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(
        default=8440, ge=0, le=65_535, description="port to listen on; 0 lets the system choose"
    )

    key_password: SecretStr | None = Field(
        default=None, description="of the log's key file, where it has one"
    )

    token_minutes: int = Field(default=10, ge=1, le=10, description="how long a reading token lasts")
    challenge_seconds: int = Field(
        default=120, ge=10, le=600, description="how long a challenge can be answered"
    )

    lines_per_minute: int = Field(
        default=0, ge=0, description="statements one address may send a minute; 0 sets no limit"
    )
    discrepancies_per_party_day: int = Field(
        default=CHIPS_PER_PARTY_DAY,
        ge=0,
        description="chips of others that one party may dispute in a day of UTC; 0 sets no limit",
    )
    challenges_per_minute: int = Field(
        default=600, ge=0, description="challenges one address may ask for a minute; 0 sets no limit"
    )
    bodies_mebibytes: int = Field(
        default=512,
        ge=64,
        description="request bodies held in memory at once; what comes beyond is answered 503",
    )
    body_seconds: int = Field(default=300, ge=5, description="how long one request body may take to arrive")
    wait_seconds: int = Field(default=30, ge=0, le=300, description="longest wait of a long poll")
    waiting_max: int = Field(default=256, ge=1, description="long polls waiting at once")
    read_threads: int = Field(default=12, ge=1, le=64, description="reads of the book at once")
    write_threads: int = Field(
        default=32, ge=1, le=256, description="requests with small bodies at the door at once"
    )
    large_threads: int = Field(
        default=8, ge=1, le=64, description="requests with bodies over 64 KiB at the door at once"
    )

    publication_seconds: int = Field(
        default=60, ge=1, description="how far publication may lag before /readyz fails"
    )
    snapshot_seconds: int = Field(
        default=300, ge=0, description="time between snapshots; 0 takes none by itself"
    )
    snapshots_kept: int = Field(
        default=24, ge=0, description="newest snapshots that are kept; 0 keeps all there ever were"
    )
    snapshot_days_kept: int = Field(
        default=30, ge=0, description="days that are over whose ends get a snapshot and keep it; 0 for none"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # a file in the current folder decides nothing
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then variables, then the TOML file."""
        named = os.environ.get(SETTINGS_FILE_VARIABLE)
        if not named:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(named))

    @property
    def bodies_bytes(self) -> int:
        """`bodies_mebibytes` in bytes."""
        return self.bodies_mebibytes * MEBIBYTE
