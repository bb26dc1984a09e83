// The name of this build, as every event records it.
#ifndef LIMS_APP_BUILD_H_
#define LIMS_APP_BUILD_H_

#include <string_view>

namespace lims::app {

// Version and commit: "0.1.0+8f3c2a1b9d4e".
std::string_view BuildName();

}  // namespace lims::app

#endif  // LIMS_APP_BUILD_H_
