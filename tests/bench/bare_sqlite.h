// The yardstick without rules and network: what the server wrote, written again by SQLite alone.
#ifndef LIMS_TESTS_BENCH_BARE_SQLITE_H_
#define LIMS_TESTS_BENCH_BARE_SQLITE_H_

#include <string>

namespace lims::bench {

// `file` is a copy of the site's database, made before the submits that are to be compared. Writes
// the rows of those submits into it, the same in the same order, so many acts in a durable
// transaction, for at most `seconds`. Prints "acts a second N".
int RunBareSqlite(const std::string& site_dir, const std::string& file, double seconds,
                  int together);

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_BARE_SQLITE_H_
