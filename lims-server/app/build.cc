#include "app/build.h"

namespace lims::app {

std::string_view BuildName() {
  return LIMS_BUILD;
}

}  // namespace lims::app
