# SPDX-License-Identifier: Apache-2.0
#
# Checks Chrome's trace events against the rules of the viewers' importers.
import json

from show_support import CATCH_UP, GOLDEN, NASTY, Live, check, done, equal, long_trace, nasty_trace, show


def parse(trace, *arguments):
    """(row names by tid, slices), checked."""
    events = json.loads(show(trace, '--as', 'chrome', *arguments))['traceEvents']
    rows = {e['tid']: e['args']['name'] for e in events if e['name'] == 'thread_name'}
    timed = [e for e in events if e['ph'] != 'M']
    check([e['ph'] for e in events] == ['M'] * (len(events) - len(timed)) + [e['ph'] for e in timed],
          'names precede what they name')
    check({e['ph'] for e in timed} <= {'X', 'i'}, 'only slices and losses')
    equal([e['ts'] for e in timed], sorted(e['ts'] for e in timed), 'sorted by time')
    slices = [e for e in timed if e['ph'] == 'X']
    ends, flows = {}, {}
    for e in slices:
        check(e['dur'] > 0, f'empty: {e}')
        check(e['tid'] in rows and e['pid'] == 1, f'no such row: {e}')
        check(e['ts'] > ends.get(e['tid'], -1) - 1e-6, f'overlaps: {e}')
        ends[e['tid']] = e['ts'] + e['dur']
        check(('bind_id' in e) == (e.get('flow_in', False) or e.get('flow_out', False)), f'flow: {e}')
        if 'bind_id' in e:
            check(type(e['bind_id']) is int and e['bind_id'] > 0, f'id: {e}')
            flows.setdefault(e['bind_id'], []).append(e)
    for ends in flows.values():
        equal(sorted(list(e.get('flow_out', False) for e in ends)), [False, True], f'flow {ends}')
        out, into = sorted(ends, key=lambda e: not e.get('flow_out', False))
        check(out['ts'] <= into['ts'] + into['dur'], f'flows backwards: {ends}')
    return rows, slices


for trace in GOLDEN:
    rows, slices = parse(trace)
    equal(sum('flow_out' in e for e in slices), sum(e['name'].startswith('send') for e in slices),
          f'{trace.name}: an arrow a message')

rows, slices = parse(long_trace(5000))
equal(len(slices), 5000, 'a slice an event')
equal(len(rows), 7, 'a row a process')

live = Live().add('b', 'recv', 'start').add('a', 'send', 'c', {'n': 1}, dropped=2)
live.add('b', 'recv', 'c', {'n': 1}, waited=700)
live.add('b', 'close', 'c', after=0)
rows, slices = parse(live.events)
recv = next(e for e in slices if e['name'] == 'recv c')
equal((recv['ts'], recv['dur'], recv['args']['msg'], recv['args']['with']), (1.3, 0.7, {'n': 1}, 'a'),
      'a slice covers the wait')
equal((slices[-1]['ts'], slices[-1]['dur']), (2.0, 0.001), 'no slice is empty')
check('"name":"2 events lost"' in show(live.events, '--as', 'chrome'), 'a loss')

_, slices = parse(Live().add('a', 'recv', 'c', waited=3000).add('a', 'close', 'c').events)
equal([(e['ts'], e['dur']) for e in slices], [(0, 3.0), (4.0, 0.001)], 'a wait from before the trace')

rows, slices = parse(nasty_trace())
check(set(NASTY) <= set(rows.values()), 'names as they are')
rows, slices = parse(CATCH_UP, '--process', 'transfer')
check(len(slices) == 21 and not any('bind_id' in e for e in slices), 'no arrow to a hidden row')
done()
