"""The demo town's telephone network: residents with SIP phones on the loopback, who answer, are busy, are out, promise,
pay, object, or let a machine answer.

`network` is the process (`python -m okno.demo.phones.network PORT`), `people` what each kind of resident says and
presses, `voices` their recorded words, `campaign` the demo's own campaign of calls. Nothing here reaches another
machine.
"""
