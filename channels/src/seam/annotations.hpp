// SPDX-License-Identifier: Apache-2.0
//
// Clang's thread-safety annotations under this project's own macro names. With them the compiler
// checks which lock guards which field, and which function requires which lock. For other compilers
// the macros expand to nothing.
#pragma once

#ifdef __clang__
#define CSP_ATTRIBUTE(x) __attribute__((x))
#else
#define CSP_ATTRIBUTE(x)
#endif

#define CSP_CAPABILITY(name) CSP_ATTRIBUTE(capability(name))
#define CSP_SCOPED_CAPABILITY CSP_ATTRIBUTE(scoped_lockable)
#define CSP_GUARDED_BY(lock) CSP_ATTRIBUTE(guarded_by(lock))
#define CSP_REQUIRES(...) CSP_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define CSP_ACQUIRE(...) CSP_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define CSP_RELEASE(...) CSP_ATTRIBUTE(release_capability(__VA_ARGS__))
// For a function whose set of locks is known only at run time, such as a select's. Each use states
// the reason.
#define CSP_UNCHECKED CSP_ATTRIBUTE(no_thread_safety_analysis)

// For a thread_local variable that every operation reads: it gets a fixed offset in the thread's
// block, so that access needs no call.
#define CSP_NEAR __attribute__((tls_model("initial-exec")))
