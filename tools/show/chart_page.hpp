// SPDX-License-Identifier: Apache-2.0
//
// The page chart.html as a part of the program.
//
// The build turns the file into a source (embed.py). So the program needs no file beside it, and
// the page stays a plain file that editors and browsers understand.
#pragma once

#include <string_view>

namespace asyncstream::tools {

extern const std::string_view kChartPage;

}  // namespace asyncstream::tools
