#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Names that look like something else: in brackets, with a dash, a newline, a quote; and a message
# about one is still one line.
source "$(dirname "$0")/common.sh"

pattern 1000 >source
names=('[x]' '[a,b]' '-x' $'new\nline' "it's" 'two words' '%s' '~')
expect 0 "$ASYNCSTREAM" tee --from source -- "${names[@]}"
for name in "${names[@]}"; do same source "./$name"; done
expect 0 "$ASYNCSTREAM" tee --from source --pipe '[ -e source ] && [ "$(wc -c)" = 1000 ]'
expect 0 "$ASYNCSTREAM" tee --from '[x]' --pipe '[ $(wc -c) = 1000 ]'
refused 'nowhere\x0a\x1b[31m/file' --from source $'nowhere\n\e[31m/file'
refused "cannot write '': " --from source ''

# What stands behind -- is a file, wherever that stands, and an option before it is one.
expect 0 "$ASYNCSTREAM" tee a --from source -- -b --digest --
same source a ./-b ./--digest ./--
expect 0 "$ASYNCSTREAM" tee --from=source --pipe='cat >c' - d
same source c d stdout
refused "--frob" a --frob
# Control characters behind ASCII, alone and in UTF-8, and what is no UTF-8; letters stay.
refused '\x9b31m\xc2\x9bx\xff\xc3 ä' --from source $'nowhere/\x9b31m\xc2\x9bx\xff\xc3 ä'
