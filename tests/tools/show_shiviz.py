# SPDX-License-Identifier: Apache-2.0
#
# Checks the vector clocks: what ShiViz requires, the orders that must exist, and that no other
# order is claimed.
import json
import re

from show_support import CATCH_UP, GOLDEN, Live, check, done, equal, long_trace, nasty_trace, show


def parse(trace, *arguments):
    """[(host, clock, text)], checked."""
    lines = show(trace, '--as', 'shiviz', *arguments).split('\n')
    equal(lines[0], r'(?<host>\S*) (?<clock>{.*})\n(?<event>.*)', 'the expression')
    equal(lines[1], '', 'no separator of executions')
    pattern = re.compile(lines[0].replace('?<', '?P<'))
    events, latest = [], {}
    body = '\n'.join(lines[2:])
    matches = list(pattern.finditer(body))
    equal('\n'.join(m.group(0) for m in matches) + '\n', body, 'all lines are events')
    for m in matches:
        host, clock = m['host'], json.loads(m['clock'])
        before = latest.get(host, {})
        check(clock.get(host) == before.get(host, 0) + 1, f'{host} counts one by one: {m[0]}')
        check(all(clock.get(h, 0) >= n for h, n in before.items()), f'{host} forgets: {m[0]}')
        check(all(n <= latest.get(h, {}).get(h, 0) or h == host for h, n in clock.items()),
              f'{host} knows what has not happened: {m[0]}')
        latest[host] = clock
        events.append((host, clock, m['event']))
    return events


def before(one, other):
    return one[1][one[0]] <= other[1].get(one[0], 0)


for trace in GOLDEN:
    parse(trace)
parse(long_trace(5000))
hosts = {host for host, *_ in parse(nasty_trace())}
equal(len(hosts), 18, 'different names stay different')

# A rendezvous orders both ways: the receive precedes what the sender does next.
live = Live().message('a', 'b', 'requests', 1).add('a', 'close', 'x').add('c', 'closed', 'x')
send, recv, close, closed = parse(live.events)
check(before(send, recv) and before(recv, close) and before(close, closed), 'rendezvous and close')

# A channel that may have a buffer does not, nor does one that is seen to have one.
live = Live().message('a', 'b', 'jobs', 1).add('a', 'close', 'x')
send, recv, close = parse(live.events)
check(before(send, recv) and not before(recv, close), 'no order is claimed that need not be')
live = Live().add('a', 'send', 'requests', 1).add('a', 'send', 'requests', 2)
live.add('b', 'recv', 'requests', 1).add('b', 'recv', 'requests', 2).add('a', 'close', 'x')
*_, received, close = parse(live.events)
check(not before(received, close), 'a buffered channel of that name')

# Hidden processes pass orders on.
every = parse(CATCH_UP)
some = parse(CATCH_UP, '--process', 'reader1', '--process', 'reader2')
mine = [e for e in every if e[0] in ('reader1', 'reader2')]
equal([e[2] for e in some], [e[2] for e in mine], 'the shown events')
for i, one in enumerate(some):
    for k, other in enumerate(some):
        if before(one, other) != before(mine[i], mine[k]):
            check(False, f'the order of {one} and {other}')
done()
