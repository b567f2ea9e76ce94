/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_error: what a device's updater says when it fails, and what helps. The ESP8266 core numbers
 * its texts, "ERROR[n]: text"; the ESP32 core sends the text alone. Texts of both were read at
 * esp8266/Arduino cores/esp8266/Updater.cpp and arduino-esp32 libraries/Update/src/Updater.cpp.
 */
#include "base/scope.h"
#include "base/text.h"
#include "proto/ota.h"

static const struct ota_error errors[] = {
	{1, "Flash Write Failed",
	 N_("its flash could not be written: worn out, or its power fails")},
	{2, "Flash Erase Failed",
	 N_("its flash could not be erased: worn out, or its power fails")},
	{3, "Flash Read Failed", N_("its flash could not be read back")},
	{4, "Not Enough Space",
	 N_("the image does not fit beside what runs: choose a layout with room for both")},
	{5, "Bad Size Given", N_("the image is empty, or larger than its partition")},
	{6, "Stream Read Timeout",
	 N_("it waited too long for bytes: the network is weak, try again")},
	{7, "MD5 ", N_("what it stored is not what was sent: try again")},
	{8, "Flash config wrong", N_("the image was built for another size of flash")},
	{9, "new Flash config wrong", N_("the image was built for another size of flash")},
	{10, "Magic byte is not 0xE9", N_("this is no firmware image for the board")},
	{0, "Wrong Magic Byte", N_("this is no firmware image for the board")},
	{11, "Invalid bootstrapping state",
	 N_("it was flashed by wire and not reset since: press reset once")},
	{12, "Signature verification failed",
	 N_("it takes signed images only, and this signature is not by its key")},
	{13, "No data supplied", N_("no byte of the image reached it")},
	{14, "Out of memory", N_("it has too little memory free: restart it and try again")},
	{15, "Update already running", N_("another upload is under way: wait and try again")},
	{16, "Unknown update command", N_("it knows no such kind of image")},
	{0, "Could Not Activate The Firmware",
	 N_("it stored the image and cannot start it: built for another chip?")},
	{0, "Partition Could Not be Found",
	 N_("its partition table has no place for this kind of image")},
	{0, "Bad Argument", N_("it knows no such kind of image")},
	{0, "Aborted", N_("it gave up before the end: the network is weak, try again")},
	{0, "Decryption error", N_("it expects an image that is encrypted by its key")},
};

/* "ERROR[10]: text" */
static struct span skip_number(struct span text)
{
	ptrdiff_t end = span_find(text, SPAN_LIT("]: "));

	if (!span_starts(text, "ERROR[") || end < 0)
		return text;
	return span_skip(text, (size_t)end + 3);
}

const struct ota_error *ota_error_find(struct span text)
{
	text = skip_number(span_trim(text));
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (span_starts(text, errors[i].text))
			return &errors[i];
	return NULL;
}

const struct ota_error *ota_error_at(unsigned code)
{
	for (size_t i = 0; code && i < ARRAY_LEN(errors); i++)
		if (errors[i].code == code)
			return &errors[i];
	return NULL;
}
