// The importers, one per file of this folder; the registry lists them.
#ifndef LIMS_INSTRUMENT_FORMATS_H_
#define LIMS_INSTRUMENT_FORMATS_H_

#include "instrument/importer.h"

namespace lims::instrument {

extern const Importer kQuantStudioText;
extern const Importer kQuantStudioXlsx;
extern const Importer kCqCsv;
extern const Importer kPlateCsv;
extern const Importer kDoseResponseCsv;
extern const Importer kPanelCsv;

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_FORMATS_H_
