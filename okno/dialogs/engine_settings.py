"""The engines of speech as the installer chose them: the same for the calls, the desk and the bench."""

from config import environment
from okno.speech.engines import Settings


def engine_settings() -> Settings:
    """What the settings of the installation name. Raises `Misconfigured` for voices that cannot be read."""
    recordings = environment.value("ANNOUNCER_DIR")
    return Settings(
        folder=environment.data_dir() / "speech",
        recogniser=environment.value("RECOGNISER"),
        recogniser_key=environment.value("RECOGNISER_KEY"),
        voices=_voices(),
        voice_key=environment.value("VOICE_KEY"),
        recordings=environment.data_dir() / recordings if recordings else None,
    )


def _voices() -> dict[str, str]:
    """The voice by language, of those that are named."""
    found = {}
    for pair in filter(None, environment.value("VOICES").split(",")):
        language, told, voice = pair.strip().partition("=")
        if not told or not voice:
            raise environment.Misconfigured(f"OKNO_VOICES: «{pair}» — нужно язык=голос, например ru=festival")
        found[language] = voice
    return found
