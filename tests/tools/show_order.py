# SPDX-License-Identifier: Apache-2.0
#
# Checks which receive is paired with which send: in recorded traces, in live ones, and in live ones
# with lost events.
import json

from show_support import GOLDEN, Live, check, done, equal, records, show

OPS = ['send', 'recv', 'close', 'closed', 'return']


def data(trace, *arguments, **more):
    """The events that the page is given: op, process, channel, pair, peer, ..."""
    page = show(trace, '--as', 'html', *arguments, **more)
    return json.loads(page.split('<script type="application/json" id="trace">')[1].split('</script>')[0])


for trace in GOLDEN:
    given = data(trace)
    events, names = given['events'], given['head']
    order = {}
    for i, (op, proc, chan, pair, peer, step, *_, msg, _call) in enumerate(events):
        order.setdefault((step, names['processes'][proc]), []).append((OPS[op], msg))
        if op in (0, 1):
            if check(pair >= 0, f'{trace.name}: event {i} has no other end'):
                other = events[pair]
                check(other[3] == i and other[2] == chan and other[12] == msg and
                      {op, other[0]} == {0, 1} and (i < pair) == (op == 0), f'{trace.name}: pair of {i}')
        if op == 3 and names['channels'][chan] != 'any':
            check(0 <= pair < i and events[pair][0] == 2, f'{trace.name}: the close that {i} saw')
    wanted = {}
    for e in records(trace):
        wanted.setdefault((e['step'], e['proc']), []).append((e['op'], e.get('msg')))
    equal(order, wanted, f'{trace.name}: each process keeps its order')

# Two readers ask in one step. Only the message tells which was received first.
step = [{'step': 1, 'proc': p, 'op': o, 'chan': 'requests', 'msg': m} for p, o, m in [
    ('a', 'send', 1), ('b', 'send', 2), ('t', 'recv', 2), ('t', 'recv', 1)]]
equal([(e[1], e[3]) for e in data(step)['events']], [(1, 1), (2, 0), (0, 3), (2, 2)], 'by message')

# A buffered channel: two sends before the first receive.
step = [{'step': 1, 'proc': p, 'op': o, 'chan': 'c', 'msg': m} for p, o, m in [
    ('a', 'send', 1), ('a', 'send', 2), ('a', 'send', 3), ('b', 'recv', 1), ('b', 'send', 0), ('b', 'recv', 2)]]
equal(sum(e[3] >= 0 for e in data(step)['events']), 4, 'buffered')

# Live: first in, first out, in each channel of each stream, in whatever order the lines are.
live = Live()
for stream in ('7', '8'):
    live.add('t', 'send', 'c', 1, stream=stream).add('t', 'send', 'c', 1, stream=stream)
for stream in ('8', '7'):
    live.add('r', 'recv', 'c', 1, stream=stream).add('r', 'recv', 'c', 1, stream=stream)
given = data(live.events[::-1])
equal([e[3] for e in given['events']], [6, 7, 4, 5, 2, 3, 0, 1], 'per stream and channel')
equal(sorted(given['head']['processes']), ['r [7]', 'r [8]', 't [7]', 't [8]'], 'labels in names')
equal(len(data(live.events, '--process', 't')['events']), 4, 'a bare name means every stream')
equal(len(data(live.events, '--process', 't [7]')['events']), 2, 'a full name means one')

# Lost events: the other half of a lost event stays alone, and the rest is not shifted.
live = Live()
live.add('t', 'send', 'c', 1).add('t', 'send', 'c', 2).add('r', 'recv', 'c', 2)
live.add('t', 'send', 'c', 3, dropped=1).add('r', 'recv', 'c', 2).add('r', 'recv', 'c', 3)
equal([e[3] for e in data(live.events)['events']], [-1, 2, 1, 5, -1, 3], 'a loss')
equal([e[3] for e in data(Live().add('t', 'send', 'c').add('r', 'recv', 'c', dropped=2).events)['events']],
      [-1, -1], 'nothing is paired across a loss')
for event in live.events:
    event.pop('dropped', None)
    event['seq'] += event['seq'] > 3
equal([e[3] for e in data(live.events)['events']], [-1, 2, 1, 5, -1, 3], 'a hole in the numbers')
done()
