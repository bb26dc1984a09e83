// Making a site: keys, certificates, the first terminal and the first two administrators.
#ifndef LIMS_APP_INIT_SITE_H_
#define LIMS_APP_INIT_SITE_H_

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace lims::app {

// An account administrator to be made at initialisation.
struct FirstAdministrator {
  std::string user_id;
  std::string name;
  std::string one_time_code;
};

struct InitOptions {
  std::string site_dir;
  std::string site_name;  // "site1": part of the log's origin
  std::string zone;       // IANA name, printed beside times
  int zone_offset_minutes = 0;
  std::string listen;                              // host:port that the first terminal connects to
  std::vector<std::string> server_names;           // further names in the server's certificate
  std::vector<FirstAdministrator> administrators;  // exactly two
};

// Whether InitSite would begin: refused when the directory has a site already; INVALID_ARGUMENT
// names the options of lims-server init. No file is made.
Result<void> CheckInit(const InitOptions& options);

// Checks, then makes keys, CA, server certificate, the first terminal and the log's first event.
Result<void> InitSite(const InitOptions& options, const Clock& clock);

}  // namespace lims::app

#endif  // LIMS_APP_INIT_SITE_H_
