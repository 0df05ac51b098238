// SPDX-License-Identifier: Apache-2.0

// Package goref holds the sources that a rewritten package is built with.
package goref

import "embed"

// Sources are the module's own go.mod, and the packages trace and play.
//
//go:embed go.mod trace/*.go play/*.go
var Sources embed.FS
