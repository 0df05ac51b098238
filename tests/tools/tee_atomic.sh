#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --atomic: a file is there under its name when it is complete, with the mode that it had, also behind a
# link; what failed leaves the old file and nothing else. --sync: complete means fsynced, the folder too.
source "$(dirname "$0")/common.sh"

pattern 300000 >source
mkdir folder
echo old >folder/file
chmod 640 folder/file
ln -s file folder/link
old=$(stat -c %i folder/file)
mkfifo looked
expect 0 "$ASYNCSTREAM" tee --atomic folder/link folder/new \
  --from-command 'head -c 1000 source; read -r _ <looked; tail -c +1001 source' \
  --pipe '[ "$(cat folder/file)" = old ] && [ ! -e folder/new ] && echo >looked && cat >/dev/null'
same source folder/file folder/new
[ -L folder/link ] || fail "the link was replaced"
[ "$(stat -c %a folder/file)" = 640 ] || fail "the mode has changed"
[ "$(stat -c %a folder/new)" = "$(printf %o $((0666 & ~$(umask))))" ] || fail "not the mode of a new file"
[ "$(stat -c %i folder/file)" != "$old" ] || fail "the file was written in place"
[ "$(ls -A folder | wc -l)" = 3 ] || fail "something was left behind: $(ls -A folder)"

echo old >folder/file
expect 1 "$ASYNCSTREAM" tee --atomic folder/file folder/new2 --from-command 'cat source; exit 1'
expect 1 "$ASYNCSTREAM" tee --atomic --retry 2 --retry-delay 1ms folder/file \
  --from-command 'cat source; exit 1'
(ulimit -f 8; expect 1 env --default-signal=XFSZ "$ASYNCSTREAM" tee --atomic folder/file <source)
expect 143 env --default-signal=TERM "$ASYNCSTREAM" tee --atomic folder/file folder/new2 \
  --from-command 'cat source; read -r _ <looked' --pipe 'head -c 300000 >b; kill $PPID; cat >c'
[ "$(cat folder/file)" = old ] || fail "what failed has replaced the old file"
[ "$(ls -A folder | wc -l)" = 3 ] || fail "something was left behind: $(ls -A folder)"
refused "cannot write nowhere/file: No such file" --atomic folder/new2 nowhere/file <source
refused "folder/../new is the same file as new" --atomic new folder/../new <source
refused "folder/link is also the source" --atomic folder/link <folder/file
[ "$(ls -A folder | wc -l)" = 3 ] || fail "something was left behind: $(ls -A folder)"

# What is synced, in which order: a library in between tells.
cat >tell.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
int fsync(int fd) {
  char link[64], path[4096];
  sprintf(link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path);
  dprintf(2, "fsync %.*s\n", (int)n, path);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}
int rename(const char* from, const char* to) {
  dprintf(2, "rename %s\n", to);
  return ((int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename"))(from, to);
}
END
${CC:-cc} -shared -fPIC -o tell.so tell.c -ldl || fail "no compiler"
expect 0 env LD_PRELOAD="$work/tell.so" "$ASYNCSTREAM" tee --sync --atomic folder/file <source
here=$(pwd -P)
sed -E 's/\.file\.[A-Za-z0-9]{6}$/DRAFT/' stderr >told
cmp told - <<END || fail "not synced, renamed, synced"
fsync $here/folder/DRAFT
rename $here/folder/file
fsync $here/folder
END
expect 0 env LD_PRELOAD="$work/tell.so" "$ASYNCSTREAM" tee --sync folder/file --pipe 'cat >b' <source
cmp stderr - <<END || fail "not synced"
fsync $here/folder/file
fsync $here/folder
END
expect 0 env LD_PRELOAD="$work/tell.so" "$ASYNCSTREAM" tee folder/file <source
[ ! -s stderr ] || fail "synced unasked"
