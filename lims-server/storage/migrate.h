// Brings a database file to the schema of this build.
#ifndef LIMS_STORAGE_MIGRATE_H_
#define LIMS_STORAGE_MIGRATE_H_

#include "base/result.h"
#include "storage/db.h"

namespace lims::storage {

// Applies the numbered files of schemas/sqlite that the file has not seen yet, each in its own
// transaction. A file of a newer build is refused, untouched.
Result<void> Migrate(Connection& db);

// Number of the newest schema this build knows.
int SchemaNumber();
// The SQL of each, in order.
const char* const* MigrationTexts();

}  // namespace lims::storage

#endif  // LIMS_STORAGE_MIGRATE_H_
