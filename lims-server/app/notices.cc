#include "app/notices.h"

#include <filesystem>

#include "app/files.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/sha256.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

constexpr std::string_view kEnding = ".notice";

std::string Folder(const SitePaths& paths) {
  return paths.server + "/notices";
}

}  // namespace

Result<void> LeaveNotice(const std::string& site_dir, v1::Act act,
                         const std::vector<std::pair<std::string, std::string>>& details) {
  v1::Event notice;
  notice.set_act(act);
  for (const auto& [name, value] : details) {
    v1::Detail* detail = notice.add_details();
    detail->set_name(name);
    detail->set_value(value);
  }
  const std::string folder = Folder(SitePaths(site_dir));
  LIMS_RETURN_IF_ERROR(MakePrivateFolder(folder));
  LIMS_ASSIGN_OR_RETURN(const std::string json, tlog::TryCanonicalJson(notice));
  return WriteFile(folder + "/" + NewUuid() + std::string(kEnding), json);
}

void RecordNotices(Site& site) {
  std::error_code code;
  std::filesystem::directory_iterator files(Folder(site.paths()), code);
  if (code) return;
  for (const auto& file : files) {
    const auto json = ReadFile(file.path().string());
    v1::Event notice;
    if (file.path().extension() != kEnding || !json || !tlog::ParseCanonicalJson(*json, &notice)) {
      continue;
    }
    std::vector<std::pair<std::string, std::string>> details;
    for (const v1::Detail& detail : notice.details()) {
      details.emplace_back(detail.name(), detail.value());
    }
    // Under its own name, so that a stop in between does not record it twice.
    const auto recorded = site.NoteAccess(Call(), notice.act(), std::move(details),
                                          file.path().stem().string(), HexEncode(Sha256(*json)));
    if (recorded) std::filesystem::remove(file.path(), code);
  }
}

}  // namespace lims::app
