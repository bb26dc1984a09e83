// Who may do what: one table for the whole product. What it does not list is refused.
#ifndef LIMS_DOMAIN_PERMISSION_H_
#define LIMS_DOMAIN_PERMISSION_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lims/v1/common.pb.h"
#include "lims/v1/release.pb.h"

namespace lims::domain {

struct PermissionRow {
  std::string_view method;          // "lims.v1.LotService/RegisterLot"
  v1::Meaning meaning;              // of the signature methods, which have a row for each meaning
  std::span<const v1::Role> roles;  // in the order in which they are chosen for a person
  std::string_view states;          // states of the record that the act needs, for people
  std::string_view segregation;     // who is barred, for people; empty for nobody
};

const std::vector<PermissionRow>& PermissionTable();

// The first role of the method's row that the person has; PERMISSION_DENIED, which names the roles
// that would do, when there is none or no row. `confirmed_roles` are the roles that two
// administrators agreed on.
Result<v1::Role> RoleFor(std::string_view method, v1::Meaning meaning,
                         std::span<const v1::Role> confirmed_roles);

// Why one person may not have all these roles; nullopt when they go together.
std::optional<std::string> RoleConflict(std::span<const v1::Role> roles);

// The table and the rules between roles as text, for print-policy.
std::string PrintPolicy();

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_PERMISSION_H_
