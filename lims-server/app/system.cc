#include "app/system.h"

#include "app/build.h"
#include "app/clock_steps.h"
#include "domain/permission.h"
#include "lims/v1/words.h"
#include "storage/log.h"
#include "storage/migrate.h"

namespace lims::app {

Result<v1::GetServerInfoResponse> GetServerInfo(Site& site, storage::Records& records,
                                                const v1::GetServerInfoRequest&) {
  v1::GetServerInfoResponse response;
  response.set_build(std::string(BuildName()));
  response.set_schema(storage::SchemaNumber());
  response.set_origin(site.record().origin());
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
  response.set_log_size(size);
  response.set_time(FormatLocal(site.clock().Now(), site.record().zone_offset_minutes()));
  LIMS_ASSIGN_OR_RETURN(const auto waiting, WaitingClockSteps(records));
  for (const auto& step : *waiting) *response.add_clock_steps() = step.record;
  return response;
}

Result<v1::ListPermissionsResponse> ListPermissions(Site&, storage::Records&,
                                                    const v1::ListPermissionsRequest&) {
  v1::ListPermissionsResponse response;
  for (const domain::PermissionRow& row : domain::PermissionTable()) {
    v1::Permission* permission = response.add_permissions();
    std::string act(row.method);
    if (row.meaning != v1::MEANING_UNSPECIFIED) {
      act += " " + v1::EnumWord(row.meaning);
    }
    permission->set_act(act);
    for (const v1::Role role : row.roles) permission->add_roles(role);
    permission->set_states(std::string(row.states));
    permission->set_segregation(std::string(row.segregation));
  }
  return response;
}

}  // namespace lims::app
