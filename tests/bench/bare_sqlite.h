// The yardstick without rules and network: the rows of one recorded act in a durable transaction.
#ifndef LIMS_TESTS_BENCH_BARE_SQLITE_H_
#define LIMS_TESTS_BENCH_BARE_SQLITE_H_

#include <string>

namespace lims::bench {

// Takes the last SubmitResult of the site as its pattern and writes acts of the same bytes into a
// fresh file of the same schema for `seconds`, so many in a transaction. Prints "acts a second N".
int RunBareSqlite(const std::string& site_dir, const std::string& file, double seconds,
                  int together);

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_BARE_SQLITE_H_
