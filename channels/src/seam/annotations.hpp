// SPDX-License-Identifier: Apache-2.0
//
// Clang's thread-safety annotations under names of our own, so that the compiler checks which lock
// guards which field and which function needs it held. With any other compiler they are nothing.
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
// For functions whose set of locks is known only at run time (a select's): say why at each use.
#define CSP_UNCHECKED CSP_ATTRIBUTE(no_thread_safety_analysis)

// A thread_local in this library that every operation looks at: at a fixed place, without a call.
#define CSP_NEAR __attribute__((tls_model("initial-exec")))
