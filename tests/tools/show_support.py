# SPDX-License-Identifier: Apache-2.0
#
# Shared by the tests of `asyncstream show`: running it, making live traces, reporting failures.
#
# The environment variable ASYNCSTREAM names the program. A test is a script that calls check() and
# ends with done(); a failed check is printed and the others still run.
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
RECORDED = sorted((TESTS / 'golden' / 'named').glob('*.jsonl'))
# Every n-th of them: under a sanitizer each start of the program takes up to a second.
GOLDEN = RECORDED[::int(os.environ.get('TEST_GOLDEN_STEP', '1'))]
CATCH_UP = TESTS / 'golden' / 'named' / 'catch-up.jsonl'
# Names and messages that some format could handle wrongly.
NASTY = ['<b>&"\'</script><!--', 'a;b#c', 'end', 'loop end', 'new\nline\ttab', 'größe→π', '%%{init}%%',
         'wrap:x', 'a->>b: c', '-', ' ', '{"x":1}', '🐈', 'participant', '\x7f\x01', '@TRACE@', '&#60;', '\u202e']

_failures = 0


def check(condition, what):
    global _failures
    if not condition:
        _failures += 1
        print(f'FAILED: {what}', file=sys.stderr)
    return condition


def equal(got, wanted, what):
    return check(got == wanted, f'{what}\n  got    {got!r}\n  wanted {wanted!r}')


def done():
    if len(RECORDED) < 35:
        check(False, f'only {len(RECORDED)} recorded traces in {TESTS}/golden/named')
    sys.exit(f'{_failures} checks failed' if _failures else 0)


def show(trace, *arguments, status=0, stderr=''):
    """The output for a trace, which is a path, or events or text to be written to a file."""
    if isinstance(trace, list):
        trace = ''.join(json.dumps(event, ensure_ascii=False) + '\n' for event in trace)
    with tempfile.TemporaryDirectory() as folder:
        path = trace
        if isinstance(trace, (str, bytes)):
            path = pathlib.Path(folder) / 'trace.jsonl'
            path.write_bytes(trace.encode() if isinstance(trace, str) else trace)
        ran = subprocess.run([os.environ['ASYNCSTREAM'], 'show', str(path), *arguments],
                             capture_output=True, timeout=100, check=False)
    told = ran.stderr.decode()
    what = ' '.join(arguments)
    check(ran.returncode == status, f'{what}: exit {ran.returncode}, not {status}: {told}')
    check(stderr in told, f'{what}: stderr is {told!r}, without {stderr!r}')
    check(bool(told) == bool(stderr), f'{what}: stderr is {told!r}')
    check(told.count('\n') <= 1, f'{what}: more than one line on stderr: {told!r}')
    return ran.stdout.decode()


class Live:
    """Builds a live trace, as the library records one."""

    def __init__(self):
        self.events = []
        self.time = 5_000_000_000_000

    def add(self, proc, op, chan=None, msg=None, after=1000, **more):
        self.time += after
        event = {'seq': len(self.events) + 1, 'time': self.time, 'proc': proc, 'op': op, **more}
        if chan is not None:
            event['chan'] = chan
        if msg is not None:
            event['msg'] = msg
        self.events.append(event)
        return self

    def message(self, sender, receiver, chan, msg=None, **more):
        return self.add(sender, 'send', chan, msg).add(receiver, 'recv', chan, msg, **more)


def nasty_trace():
    """Every nasty text as a process, a channel, a message and a call."""
    live = Live()
    for i, text in enumerate(NASTY):
        peer = NASTY[(i + 1) % len(NASTY)]
        live.message(text, peer, text, text)
        live.message(text, peer, text, {text: text, 'list': [text]})
        live.add(text, 'close', text).add(peer, 'closed', text)
        live.add(text, 'return', call=text, msg={'error': text})
    return live.events


def long_trace(count, seed=1):
    """A random stream with four readers, whose replies wait a while in their channels."""
    rnd = random.Random(seed)
    live = Live()
    readers = [f'reader{k}' for k in range(1, 5)]
    waiting = {}
    size = 0
    for reader in readers:
        live.message(reader, 'readersMonitor', 'add_reader')
    while len(live.events) < count:
        reader = rnd.choice(readers)
        if reader in waiting:
            msg = waiting.pop(reader)
            live.add(reader, 'recv', f'responses:{reader}', msg, waited=rnd.randrange(1, 90_000))
        elif rnd.random() < 0.3:
            msg = {'error': None, 'len': rnd.choice([17, 4096, 65536])}
            live.message('readIntoBuffer', 'transfer', 'slices', msg, waited=rnd.randrange(1, 9000))
        else:
            msg = {'maxsize': 32768, 'offset': size, 'result': f'responses:{reader}'}
            live.message(reader, 'transfer', 'requests', msg)
            waiting[reader] = {'error': None, 'len': rnd.randrange(32768)}
            live.add('transfer', 'send', f'responses:{reader}', waiting[reader])
            size += 1
    return live.events[:count]


def records(trace):
    """The events of a canonical trace file."""
    return [json.loads(line) for line in trace.read_text().splitlines()[1:]]
