# SPDX-License-Identifier: Apache-2.0
#
# `asyncstream show` with bad input: it prints one line that names the error, exits with status 2,
# and shows what was whole before it.
import json
import os
import subprocess
import tempfile

from show_support import CATCH_UP, Live, check, done, equal, long_trace, show

whole = long_trace(30)
lines = [json.dumps(event) for event in whole]
table = show(whole).splitlines()
event = {'seq': 31, 'time': whole[-1]['time'] + 1, 'proc': 'x', 'op': 'send', 'chan': 'c'}

for i, (bad, reason) in enumerate([
        (lines[-1][:-20], 'the line is cut off: the trace is truncated'),
        (lines[-1][:-20] + '\n', 'not JSON from its byte '),
        ('{"seq":31,"time":1,"proc":"\xff', 'the line is cut off'),
        (b'{"proc":"\xff\xfe"}\n', 'not JSON'),
        ('[1,2]\n', 'not a JSON object'),
        ('[' * 200_000 + '\n', 'nested deeper'),
        ('{"msg":' * 200_000 + '\n', 'nested deeper'),
        ({**event, 'op': 'sned'}, 'unknown op "sned"'),
        ({**event, 'op': 'a\nb'}, 'unknown op "a\\nb"'),
        ({**event, 'proc': 7}, '"proc" is not a string'),
        ({k: v for k, v in event.items() if k != 'chan'}, 'no field "chan"'),
        ({k: v for k, v in event.items() if k != 'seq'}, 'no field "seq"'),
        ({**event, 'op': 'return'}, 'no field "call"'),
        ({**event, 'seq': 7}, 'seq 7 was line 7 already'),
        ({**event, 'seq': -1}, '"seq" is not a whole number'),
        ({**event, 'seq': 1.5}, '"seq" is not a whole number'),
        ({**event, 'time': 2**63 - 1}, '"time" is not a whole number'),
        ({**event, 'waited': 2**70}, '"waited" is not a whole number'),
        ({**event, 'step': '1'}, '"step" is not a whole number'),
        ({'dropped': 'many'}, '"dropped" is not a whole number'),
        ({'scenario': {}}, 'a second scenario')]):
    if isinstance(bad, dict):
        bad = json.dumps(bad) + '\n'
    if isinstance(bad, str):
        bad = bad.encode()
    data = '\n'.join(lines).encode() + b'\n' + bad
    # All forms read their input by the same code, so not each is tested with each input.
    for form in ('text', ('html', 'chrome', 'mermaid', 'shiviz')[i % 4]):
        out = show(data, '--as', form, status=2, stderr=f'trace.jsonl:31: {reason}')
        if form == 'text':
            equal(out.splitlines(), table, f'what precedes the error: {reason}')

canonical = CATCH_UP.read_text().splitlines()
for bad, reason in [('{"step":1,"proc":"a","op":"close","chan":"c"}', 'step 1 comes after step 3'),
                    ('{"step":0,"proc":"a","op":"close","chan":"c"}', '"step" is 0'),
                    ('{"proc":"a","op":"close","chan":"c"}', 'no field "step"')]:
    show('\n'.join(canonical[:9] + [bad]), status=2, stderr=f':10: {reason}')
show(canonical[0], status=2, stderr='has no event')
show('', status=2, stderr='has no event')
show('{"seq"', status=2, stderr=':1: the line is cut off')
show('\n \n' + '\r\n'.join(lines) + '\r\n')
show('\n'.join(lines))

huge = {**event, 'seq': 2**60, 'time': 2**60, 'waited': 2**60, 'msg': 'x' * 1_000_000}
for form in ('text', 'html', 'chrome', 'mermaid', 'shiviz'):
    show([{**event, 'seq': 0, 'time': 0}, huge], '--as', form)

# Options and files.
show(CATCH_UP, '--as', 'png', status=2, stderr="unknown format 'png'; choose text, mermaid")
show(CATCH_UP, '--process', 'nobody', status=2,
     stderr='no process "nobody" in the trace; there are: reader1, readersMonitor')
show(CATCH_UP, '--channel', 'none', status=2, stderr='no channel "none" in the trace; there are: add_')
for steps in ('x', '3-2', '0-2', '1-', '-2', '1-2-3', '1,2', '99999999999999999999'):
    show(CATCH_UP, f'--steps={steps}', status=2, stderr=f'bad --steps "{steps}": give A-B')
show(CATCH_UP, '--steps', '90-91', status=2, stderr='no step 90-91 in the trace; there are: 1-')
show(whole, '--steps', '1-2', status=2, stderr='the trace has no steps')
equal(show(CATCH_UP, '--steps', '3').count('-- step'), 1, 'one step')
equal(show(CATCH_UP, '--steps', '3-4', '--channel', 'requests').count('\n'), 8, 'filters meet')
many = Live()
for i in range(1000):
    many.add(f'process {i}', 'close', 'c')
show(many.events, '--process', 'x', status=2, stderr='process 19 and 980 more')

with tempfile.TemporaryDirectory() as folder:
    for path, reason in [(folder + '/none.jsonl', 'No such file'), (folder, 'Is a directory')]:
        ran = subprocess.run([os.environ['ASYNCSTREAM'], 'show', path], capture_output=True, text=True,
                             check=False)
        equal((ran.returncode, ran.stdout), (2, ''), path)
        equal(ran.stderr, f"asyncstream show: cannot read '{path}': {reason}\n".replace(
            'No such file', 'No such file or directory'), path)
    out = folder + '/out.txt'
    equal(show(CATCH_UP, '--out', out), '', '--out')
    with open(out, encoding='utf-8') as file:
        equal(file.read(), show(CATCH_UP), '--out writes the same')
    show(CATCH_UP, '--out', folder + '/no/out.txt', status=1, stderr="no/out.txt': No such file")
    show(CATCH_UP, '--out', '/dev/full', status=1, stderr='No space left')
ran = subprocess.run([os.environ['ASYNCSTREAM'], 'show', '-'], input=CATCH_UP.read_bytes(),
                     capture_output=True, check=True)
equal(ran.stdout.decode(), show(CATCH_UP), 'the standard input')
check(ran.stderr == b'', 'and nothing else')
done()
