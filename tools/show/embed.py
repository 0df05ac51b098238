# SPDX-License-Identifier: Apache-2.0
#
# Turns chart.html into a C++ source that defines asyncstream::tools::kChartPage.
#
#   python3 embed.py chart.html chart_page.cpp
#
# The bytes go into escaped string literals, one for each line of the page, which a compiler joins.
import sys

page, source = sys.argv[1:]
with open(page, 'rb') as file:
    lines = file.read().splitlines(keepends=True)


def literal(line):
    return '"' + ''.join(
        chr(b) if 32 <= b < 127 and b not in b'"\\?' else f'\\{b:03o}' for b in line) + '"'


with open(source, 'w', encoding='ascii') as file:
    file.write('#include "show/chart_page.hpp"\n\n'
               'const std::string_view asyncstream::tools::kChartPage =\n')
    file.write('\n'.join(literal(line) for line in lines) + ';\n')
