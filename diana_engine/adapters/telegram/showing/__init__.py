"""From a scene to what a chat shows: texts, buttons and what they carry."""
