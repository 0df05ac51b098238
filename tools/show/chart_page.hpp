// SPDX-License-Identifier: Apache-2.0
//
// The page chart.html, as the program carries it.
//
// The build turns the file into a source (embed.py), so that the program needs no file beside it
// and the page stays a plain file that an editor and a browser understand.
#pragma once

#include <string_view>

namespace asyncstream::tools {

extern const std::string_view kChartPage;

}  // namespace asyncstream::tools
