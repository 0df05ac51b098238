// SPDX-License-Identifier: Apache-2.0
//
// A file of the superproject that does not use this project. Its standard must still be the one
// that the superproject chose, whatever the subproject requests.

static_assert(__cplusplus == 201703L, "the subproject has changed its parent's standard");

int main() {}
