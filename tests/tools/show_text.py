# SPDX-License-Identifier: Apache-2.0
#
# Checks the table: its columns, and that every event of every recorded trace is in it once.
from show_support import CATCH_UP, GOLDEN, Live, check, done, equal, nasty_trace, records, show

live = Live()
live.message('main', 'worker', 'jobs', {'len': 10, 'error': None, 'crc32': 'deadbeef'})
live.add('worker', 'send', 'odd', {'type': 'Foo', 'size': 16}, waited=12_345)
live.add('main', 'close', 'jobs', after=2_000_000)
live.add('worker', 'closed', 'jobs', dropped=3)
live.add('worker', 'return', call='run', msg={'n': 7, 'error': 'two words'})
live.events.append({'dropped': 5})
equal(show(live.events), '''\
time µs  waited µs  process  op      channel  with    message
    0.0             main     send    jobs     worker  len=10
    1.0             worker   recv    jobs     main    len=10
    2.0       12.3  worker   send    odd              Foo (16 bytes)
 2002.0             main     close   jobs
~~~~ 3 events lost here ~~~~
 2003.0             worker   closed  jobs     main
 2004.0             worker   return  run()            error="two words" n=7
~~~~ 5 events lost here ~~~~
''', 'a live trace')

text = show(CATCH_UP)
check(text.startswith('catch-up: Reads'), 'the scenario is named first')
check('-- step 3: read max=64 reader=1\n' in text, 'a step is a heading')
check('\nreader1         send    requests           transfer        maxsize=64 offset=0' in text,
      'a message names the process at its other end')

for trace in GOLDEN:
    lines = [line for line in show(trace).splitlines()[2:] if not line.startswith('-- ')]
    shown = sorted(tuple(line.split()[:2]) for line in lines)
    equal(shown, sorted((e['proc'], e['op']) for e in records(trace)), trace.name)

text = show(nasty_trace())
equal(len(text.splitlines()), 1 + len(nasty_trace()), 'one line an event, whatever its names')
check(not any(c < ' ' or c == '\x7f' for c in text.replace('\n', '')), 'control characters')
done()
