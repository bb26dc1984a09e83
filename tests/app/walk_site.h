// The laboratory of the random walks on a real site: its people, its catalogue, and every step of a
// walk done through the use cases.
#ifndef LIMS_TESTS_APP_WALK_SITE_H_
#define LIMS_TESTS_APP_WALK_SITE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/walk_model.h"
#include "support/site_fixture.h"

namespace lims::walk {

class WalkSite {
 public:
  explicit WalkSite(const std::string& folder);

  app::SiteFixture& fixture() { return fixture_; }
  // Ends the runs of the walk before and forgets them and its manifests.
  void BeginWalk();
  // The refusal, or nullopt when it was done. `world` is what the model knew before the step.
  std::optional<Error> Do(const Step& step, const World& world);
  // What the site says stands in the way, as the model names it.
  std::set<std::string> Blockers(const std::string& lot, bool conditional);

 private:
  Result<storage::RecordedAct> Record(const Step& step, const World& world);
  std::optional<Error> Prepare(const Step& step);
  std::optional<Error> Look(const Step& step);

  app::SiteFixture fixture_;
  std::vector<std::string> manifests_;      // in the order of the model's
  std::vector<std::string> runs_;           // ids, in the order of the model's
  std::map<std::string, Step> registered_;  // by lot
};

}  // namespace lims::walk

#endif  // LIMS_TESTS_APP_WALK_SITE_H_
