// Everybody of the walks, also with roles that go badly together on one lot.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {

const std::vector<Person>& People() {
  static const std::vector<Person> people = {
      {"anna", {Role::kTechnician}},
      {"bela", {Role::kTechnician}},
      {"carl", {Role::kTechnician, Role::kReviewer}},
      {"rita", {Role::kReviewer}},
      {"sven", {Role::kSupervisor}},
      {"saul", {Role::kSupervisor}},
      {"dora", {Role::kQa}},
      {"emil", {Role::kQp}},
      {"fred", {Role::kTechnician, Role::kQp}},
      {"gina", {Role::kReviewer, Role::kQp}},
      {"hugo", {Role::kQa, Role::kQp}},
      {"mary", {Role::kTechnician, Role::kReviewer, Role::kSupervisor, Role::kQa, Role::kQp}},
      {"ivan", {Role::kAuditor}},
      {"mark", {Role::kMasterData}},
      {"wolf", {Role::kTechnician}},
      {"gone", {Role::kTechnician, Role::kReviewer, Role::kSupervisor, Role::kQa, Role::kQp}, true},
      {"admin1", {Role::kAdmin}},
  };
  return people;
}

const Person* FindPerson(const std::string& id) {
  const auto found = std::find_if(People().begin(), People().end(),
                                  [&](const Person& person) { return person.id == id; });
  return found == People().end() ? nullptr : &*found;
}

}  // namespace lims::walk
