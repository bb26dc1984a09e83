// Proposes what the people of a random walk do next.
#ifndef LIMS_TESTS_APP_WALKER_H_
#define LIMS_TESTS_APP_WALKER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/walk_model.h"

namespace lims::walk {

// Acts that break one rule alone, by rule.
using Counts = std::map<const Rule*, int>;

// The same for the same seed and the same worlds. The model decides which proposals are worth
// trying.
class Walker {
 public:
  // `counts` as for Next.
  Walker(std::uint64_t seed, int number, const Counts& counts);
  ~Walker();

  const std::vector<std::string>& lots() const;
  // How long nothing happens before a step, us: now and then enough for a manifest to age, or a lot
  // to expire.
  std::int64_t Pause(const World& world, int step);
  // Something allowed, something that one rarely tried rule forbids, or anything at all.
  Step Next(const World& world, const Counts& counts);

 private:
  class Choices;
  const std::unique_ptr<Choices> choices_;
};

}  // namespace lims::walk

#endif  // LIMS_TESTS_APP_WALKER_H_
