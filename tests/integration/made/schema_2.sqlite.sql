-- A database of schema 2, as Diana 0.1 made it on this kind of server.

CREATE TABLE diana_schema (
	version INTEGER NOT NULL,
	CONSTRAINT pk_diana_schema PRIMARY KEY (version)
);

CREATE TABLE inbox (
	player TEXT NOT NULL,
	update_id BIGINT NOT NULL,
	result TEXT NOT NULL,
	received_at BIGINT NOT NULL,
	CONSTRAINT pk_inbox PRIMARY KEY (player, update_id)
);

CREATE TABLE media (
	digest VARCHAR(64) NOT NULL,
	size BIGINT NOT NULL,
	content BLOB NOT NULL,
	CONSTRAINT pk_media PRIMARY KEY (digest)
);

CREATE TABLE media_sent (
	channel VARCHAR(64) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	name TEXT NOT NULL,
	CONSTRAINT pk_media_sent PRIMARY KEY (channel, kind, digest)
);

CREATE TABLE players (
	player TEXT NOT NULL,
	story TEXT NOT NULL,
	digest VARCHAR(128) NOT NULL,
	sequence BIGINT NOT NULL,
	fragment TEXT NOT NULL,
	state TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	CONSTRAINT pk_players PRIMARY KEY (player, story)
);

CREATE INDEX ix_players_story_digest ON players (story, digest);

CREATE TABLE story_versions (
	id INTEGER NOT NULL,
	story TEXT NOT NULL,
	digest VARCHAR(128) NOT NULL,
	label TEXT NOT NULL,
	title TEXT NOT NULL,
	language TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	program BLOB NOT NULL,
	CONSTRAINT pk_story_versions PRIMARY KEY (id),
	CONSTRAINT uq_story_versions_story_digest UNIQUE (story, digest)
);

CREATE TABLE chapters (
	version_id INTEGER NOT NULL,
	chapter TEXT NOT NULL,
	position INTEGER NOT NULL,
	title TEXT,
	CONSTRAINT pk_chapters PRIMARY KEY (version_id, chapter),
	CONSTRAINT fk_chapters_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id) ON DELETE CASCADE
);

CREATE TABLE choices (
	version_id INTEGER NOT NULL,
	choice TEXT NOT NULL,
	fragment TEXT NOT NULL,
	position INTEGER NOT NULL,
	target TEXT NOT NULL,
	text TEXT NOT NULL,
	once BOOLEAN NOT NULL,
	cost_points TEXT,
	cost_amount BIGINT,
	has_requirement BOOLEAN NOT NULL,
	CONSTRAINT pk_choices PRIMARY KEY (version_id, choice),
	CONSTRAINT fk_choices_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id) ON DELETE CASCADE
);

CREATE INDEX ix_choices_version_id_fragment_position ON choices (version_id, fragment, position);

CREATE TABLE fragments (
	version_id INTEGER NOT NULL,
	fragment TEXT NOT NULL,
	position INTEGER NOT NULL,
	chapter TEXT NOT NULL,
	kind VARCHAR(16) NOT NULL,
	title TEXT,
	speaker TEXT,
	ending TEXT,
	rests BOOLEAN NOT NULL,
	excerpt TEXT NOT NULL,
	search TEXT NOT NULL,
	CONSTRAINT pk_fragments PRIMARY KEY (version_id, fragment),
	CONSTRAINT fk_fragments_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id) ON DELETE CASCADE
);

CREATE INDEX ix_fragments_version_id_chapter_position ON fragments (version_id, chapter, position);

CREATE INDEX ix_fragments_version_id_kind_position ON fragments (version_id, kind, position);

CREATE INDEX ix_fragments_version_id_position ON fragments (version_id, position);

CREATE TABLE items (
	version_id INTEGER NOT NULL,
	item TEXT NOT NULL,
	name TEXT NOT NULL,
	category TEXT,
	clue BOOLEAN NOT NULL,
	maximum BIGINT NOT NULL,
	text TEXT,
	CONSTRAINT pk_items PRIMARY KEY (version_id, item),
	CONSTRAINT fk_items_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id) ON DELETE CASCADE
);

CREATE TABLE links (
	version_id INTEGER NOT NULL,
	owner_kind VARCHAR(16) NOT NULL,
	owner TEXT NOT NULL,
	source TEXT NOT NULL,
	target TEXT NOT NULL,
	CONSTRAINT pk_links PRIMARY KEY (version_id, owner_kind, owner),
	CONSTRAINT fk_links_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id) ON DELETE CASCADE
);

CREATE INDEX ix_links_version_id_source_owner_kind_owner ON links (version_id, source, owner_kind, owner);

CREATE INDEX ix_links_version_id_target_owner_kind_owner ON links (version_id, target, owner_kind, owner);

CREATE TABLE requirement_names (
	version_id INTEGER NOT NULL,
	kind VARCHAR(16) NOT NULL,
	name TEXT NOT NULL,
	owner_kind VARCHAR(16) NOT NULL,
	owner TEXT NOT NULL,
	CONSTRAINT pk_requirement_names PRIMARY KEY (version_id, kind, name, owner_kind, owner),
	CONSTRAINT fk_requirement_names_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id) ON DELETE CASCADE
);

CREATE TABLE requirements (
	version_id INTEGER NOT NULL,
	owner_kind VARCHAR(16) NOT NULL,
	owner TEXT NOT NULL,
	words TEXT NOT NULL,
	CONSTRAINT pk_requirements PRIMARY KEY (version_id, owner_kind, owner),
	CONSTRAINT fk_requirements_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id) ON DELETE CASCADE
);

CREATE TABLE stories (
	story TEXT NOT NULL,
	version_id INTEGER NOT NULL,
	CONSTRAINT pk_stories PRIMARY KEY (story),
	CONSTRAINT fk_stories_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id)
);

CREATE TABLE variables (
	version_id INTEGER NOT NULL,
	variable TEXT NOT NULL,
	type VARCHAR(16) NOT NULL,
	initial TEXT NOT NULL,
	minimum BIGINT,
	maximum BIGINT,
	words TEXT,
	CONSTRAINT pk_variables PRIMARY KEY (version_id, variable),
	CONSTRAINT fk_variables_version_id FOREIGN KEY(version_id) REFERENCES story_versions (id) ON DELETE CASCADE
);
