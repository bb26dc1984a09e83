// What the people of a random walk try: any act, with what it needs, mostly by somebody who may.
#ifndef LIMS_TESTS_APP_WALK_PROPOSALS_H_
#define LIMS_TESTS_APP_WALK_PROPOSALS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/walk_chance.h"
#include "app/walk_model.h"

namespace lims::walk {

inline constexpr int kCandidates = 30;

// What is rare unless a walk is made for it.
enum class Theme {
  kNone,
  kOpenLine,
  kPlan,
  kNotCounting,
  kFact,
  kLateReading,
  kReports,
  kPair,
  kOtherSample,
  kLateParent,
  kAgedParent,
  kFailedParent,
  kEndedParent
};

class Proposals {
 public:
  Proposals(std::uint64_t seed, int number, Theme theme);

  const std::vector<std::string>& lots() const { return lots_; }

 protected:
  // In some walks a bank is released, expires, and only then are products made from it.
  bool BankIsYoung() const { return bank_ages_ && !bank_aged_; }
  static bool IsOld(const World& world, int run);

  Step Propose(const World& world);
  Step ProposeRelease(const World& world);
  const Person* SomebodyFor(Act act, Meaning meaning);
  // False when the world has nothing that the act could be done to.
  bool Complete(const World& world, Step* step);
  // Of a run: what is read and when.
  void CompleteReading(const World& world, Step* step);
  // Of a run of an instrument: its file.
  void CompletePlate(const Run& run, Step* step);
  void ChooseFact(Intent* intent);

  Chance chance_;
  const bool free_;       // of a theme, so that what follows is a matter of chance
  const bool calm_;       // few things go wrong, so that lots get as far as a release
  const bool bank_late_;  // it is released when its children nearly could be
  const bool bank_ages_;
  const bool bank_fails_;      // what is found in a released lot, its children being tested, is bad
  const bool bank_withdrawn_;  // recalled or held, when its children are nearly released
  const bool two_samples_;     // for release of a lot
  const bool by_run_;          // pH is read in a run
  const bool pair_fails_;      // the first planned run fails alone, the second with it
  const bool line_fails_;      // one virus is repeated alone, when everything else is done
  const bool invalid_stays_;   // what does not count is repeated then
  const bool late_run_;        // the last of the planned runs is made when everything else is done
  const bool late_reading_;    // and that too late
  const bool fact_stays_;      // without spots, after a conditional release
  const bool conditional_first_;  // products are released conditionally as soon as they can be
  const bool copies_;             // endotoxin is copied from a report
  const bool copies_viruses_;     // and so are the viruses
  const bool amends_;             // a value is amended when everything else is done
  bool bank_aged_ = false;
  std::vector<std::string> lots_;

 private:
  // Whether something goes wrong that mostly does not.
  bool Mishap() { return chance_.OneIn(calm_ ? 10 : 4); }
  static bool Has(const World& world, const std::string& lot, Disposition disposition);
  // Of values that came in before: which, and what they become.
  void CompleteEntry(const World& world, const Lot& lot, Step* step);
  void ChooseLot(const World& world, Step* step);
  bool ChooseSample(const World& world, Step* step);
  void ChoosePanel(const World& world, Step* step);
  // A value for each line of the panel.
  void ChooseTyped(Step* step);
  // The report that is entered again.
  void ChooseReport(const World& world, Step* step);
  // One that waits for the act, most of the time.
  void ChooseRun(const World& world, Step* step);
  const Value& ChooseValue(std::string_view line);
  const Setup& ChooseSetup(std::string_view panel);
  void ChooseIntent(const World& world, Step* step);
};

}  // namespace lims::walk

#endif  // LIMS_TESTS_APP_WALK_PROPOSALS_H_
