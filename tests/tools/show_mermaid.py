# SPDX-License-Identifier: Apache-2.0
#
# Checks the Mermaid diagram against a grammar stricter than Mermaid's own: the few statements that
# are used, and texts without any character that has a meaning, except in codes that decode to it.
import re

from show_support import CATCH_UP, GOLDEN, NASTY, check, done, equal, long_trace, nasty_trace, show

TEXT = r'((?:[A-Za-z0-9 _.,=()\[\]/]|[^\x00-\x7f]|#\d+;)+)'
STATEMENTS = [re.compile(f'    {form}{TEXT}') for form in (
    r'participant (p\d+)() as ', r'(p\d+)->>(p\d+): ', r'(p\d+)--x(p\d+): ',
    r'Note over (p\d+)(?:,(p\d+))?: ')]


def parse(diagram):
    """(participants by id, statements as (kind, from, to, decoded text))"""
    lines = diagram.splitlines()
    equal(lines[0], 'sequenceDiagram', 'the first line')
    check(len(diagram) < 50_000, f'{len(diagram)} characters are too many for Mermaid')
    participants, statements = {}, []
    for line in lines[1:]:
        matches = [(i, m) for i, s in enumerate(STATEMENTS) if (m := s.fullmatch(line))]
        if not check(len(matches) == 1, f'not one statement: {line!r}'):
            continue
        kind, match = matches[0]
        start, end, text = match.groups()
        check('end' not in text.lower(), f'the word that closes a block: {line!r}')
        check(text.strip() != '', f'an empty text: {line!r}')
        text = re.sub(r'#(\d+);', lambda m: chr(int(m[1])), text)
        if kind == 0:
            check(not statements, 'participants come first')
            participants[start] = text
        else:
            check({start, end or start} <= participants.keys(), f'undeclared: {line!r}')
            statements.append((kind, start, end, text))
    return participants, statements


for trace in GOLDEN:
    text = show(trace).splitlines()
    messages = sum(' send ' in line for line in text)
    statements = parse(show(trace, '--as', 'mermaid'))[1]
    equal(sum(kind == 1 for kind, *_ in statements), messages, f'{trace.name}: an arrow a message')

participants, statements = parse(show(CATCH_UP, '--as', 'mermaid', '--steps', '1-3'))
name = {text: key for key, text in participants.items()}
check((1, name['reader1'], name['transfer'], 'requests maxsize=64 offset=0 result=responses:reader1')
      in statements, 'a message')
check((3, name['reader1'], None, 'return read() n=64') in statements, 'a return')
participants, statements = parse(show(CATCH_UP, '--as', 'mermaid', '--process', 'transfer'))
check(any('recv requests maxsize=64 offset=0 result=responses:reader1 from reader1' == s[3]
          for s in statements), 'a message whose other end is hidden')

participants, statements = parse(show(nasty_trace(), '--as', 'mermaid'))
plain = {text for text in NASTY if text.isprintable()}
check(plain <= set(participants.values()), f'names: {plain - set(participants.values())}')
check(any('new\\nline' in text for text in participants.values()), 'a line break in a name')

_, statements = parse(show(long_trace(5000), '--as', 'mermaid', stderr='events do not fit'))
check(re.fullmatch(r'\d+ more events do not fit: choose with --steps, --process or --channel',
                   statements[-1][3]), 'the diagram says what is missing')
done()
