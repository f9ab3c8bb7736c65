"""The limit of `okno bench calls`: the SIP stack alone, its own tone generator, nothing of ours moving the sound.

`python -m benchmarks.bare_calls FAR_PORT OUR_PORT CALLS`; says "talking" when all are answered, ends with its input.
"""

import asyncio
import sys

from baresip import Account, Config, Event, Runtime, StackEvent, UserAgent


async def main(far_port: int, our_port: int, calls: int) -> None:
    runtime = Runtime()
    await runtime.start(
        Config(
            net_interface="127.0.0.1",
            audio_source="ausine,440",
            max_concurrent_calls=None,
            extra_config_text=f"sip_listen 127.0.0.1:{our_port}\nrtp_ports 40000-49000\ncall_hold_other_calls no\n",
        )
    )
    account = Account("bare", f"127.0.0.1:{far_port}", "", reg_interval=0, audio_codecs=("pcma",))
    agent = await UserAgent.create(runtime, account)
    answered = set()
    all_answered = asyncio.Event()

    def listen(event: StackEvent) -> None:
        if event.event is Event.CALL_ESTABLISHED:
            answered.add(event.call)
            if len(answered) == calls:
                all_answered.set()

    runtime.subscribe(listen)
    for _ in range(calls):
        await agent.dial(f"sip:far@127.0.0.1:{far_port}")
        await asyncio.sleep(0.01)
    await asyncio.wait_for(all_answered.wait(), 20)
    print("talking", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runtime.close()


if __name__ == "__main__":
    asyncio.run(main(*(int(argument) for argument in sys.argv[1:4])))
