// Verifies the site that is named and prints the report, as "lims-server verify --recompute" does.
#include <cstdio>

#include "app/verify.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto report = lims::app::VerifySite({argv[1], "", true});
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().message.c_str());
    return 1;
  }
  std::puts(lims::app::FormatReport(*report).c_str());
  return report->findings.empty() ? 0 : 5;
}
