"""Words into sound: `Voice` with its disk cache, recorded phrases of an announcer, and the drivers that synthesise.

`festival` speaks Russian and `espeak` Kazakh and Ukrainian, both from Debian; `program` and `http` take an operator's
own voice.
"""

from okno.speech.voice.speaking import Voice as Voice
