/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FACTS_JSON_H
#define RECORD_FACTS_JSON_H

#include <cjson/cJSON.h>

#include "facts.h"

/* For reading and writing: facts are a JSON object underneath. */

/* Takes the object over. */
struct facts *facts_from_json(cJSON *object);
const cJSON *facts_json(const struct facts *facts);

#endif
