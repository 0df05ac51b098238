// SPDX-License-Identifier: Apache-2.0
//
// A file of the superproject that has nothing to do with us: its standard must still be the one its
// own project chose, whatever the subproject asked for.

static_assert(__cplusplus == 201703L, "the subproject has changed its parent's standard");

int main() {}
