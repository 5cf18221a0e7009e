-- A database of the first release (revision 0001), written by its own code with a worker that was killed: jobs in every
-- state, one remote job running, one paid request under way, three jobs waiting. {HOME} is its data folder.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE alerts (
	id VARCHAR(60) NOT NULL, 
	subject VARCHAR(120) NOT NULL, 
	message VARCHAR(400) NOT NULL, 
	seen_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_alerts PRIMARY KEY (id), 
	CONSTRAINT uq_alerts_subject UNIQUE (subject)
);
INSERT INTO "alerts" VALUES('alert_01m7yzy5nez3gdg7jkg0ye9w7y','day:2026-11-01:75','75 % of the day',NULL,'2026-11-21 12:05:15.566354');
CREATE TABLE asset_sources (
	asset_id VARCHAR(40) NOT NULL, 
	source_id VARCHAR(40) NOT NULL, 
	role VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	licence JSON NOT NULL, 
	CONSTRAINT pk_asset_sources PRIMARY KEY (asset_id, source_id), 
	CONSTRAINT fk_asset_sources_asset_id FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
);
INSERT INTO "asset_sources" VALUES('asset_derived','asset_01m7yzy59jqc739fmf9q4gm5ht','music','Rain, é 空','{"id": "own-work", "publish": true, "credit": "", "ends": "", "title": "Own work", "royalty_free": true, "commercial": true, "attribution": false, "share_alike": false, "note": "Synthesised on your machine by the studio''s own engines, without samples or model weights. You own the result.", "url": ""}');
CREATE TABLE assets (
	id VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	source VARCHAR(20) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folder VARCHAR(200) NOT NULL, 
	tags JSON NOT NULL, 
	rating INTEGER, 
	favourite BOOLEAN NOT NULL, 
	duration_s FLOAT, 
	format VARCHAR(10) NOT NULL, 
	sample_rate INTEGER, 
	channels INTEGER, 
	bytes BIGINT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	lufs FLOAT, 
	true_peak_dbtp FLOAT, 
	bpm FLOAT, 
	"key" VARCHAR(20), 
	genre VARCHAR(40), 
	mood VARCHAR(40), 
	intensity VARCHAR(20), 
	instruments JSON NOT NULL, 
	peaks JSON NOT NULL, 
	generation_config JSON NOT NULL, 
	cost_usd BIGINT NOT NULL, 
	licence JSON NOT NULL, 
	job_id VARCHAR(60), 
	role VARCHAR(40) NOT NULL, 
	user_id VARCHAR(60) NOT NULL, 
	organisation_id VARCHAR(60) NOT NULL, 
	visibility VARCHAR(20) NOT NULL, 
	draft BOOLEAN NOT NULL, 
	expires_at DATETIME, 
	deleted_at DATETIME, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_assets PRIMARY KEY (id), 
	CONSTRAINT uq_assets_job_id_role UNIQUE (job_id, role)
);
INSERT INTO "assets" VALUES('asset_01m7yzy59jqc739fmf9q4gm5ht','music','ai_music','Rain, é 空','a/b','["rain", "空"]',4,1,1.0,'bin',NULL,NULL,34,'77ec038ac77fbb0ba7e81b8e60964b871534d62ba5be65848aaa9dbf9486e683',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]','{"provider": "scripted"}',300000000,'{"id": "own-work", "publish": true, "credit": "", "ends": "", "title": "Own work", "royalty_free": true, "commercial": true, "attribution": false, "share_alike": false, "note": "Synthesised on your machine by the studio''s own engines, without samples or model weights. You own the result.", "url": ""}','job_01m7yzy55sxxt0bmjv8f2zjqb4','primary','local','','private',0,NULL,NULL,'2026-11-21 12:05:15.183463','2026-11-21 12:05:15.538963');
INSERT INTO "assets" VALUES('asset_01m7yzy5g07y19jp7j39jpdydf','music','ai_music','scripted','','[]',NULL,0,1.0,'bin',NULL,NULL,34,'cd1854e61663492f707a9e44bcfa0ec0f7acd7222f476ba94f92b87c7713950a',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]','{"provider": "free"}',0,'{"id": "own-work", "publish": true, "credit": "", "ends": "", "title": "Own work", "royalty_free": true, "commercial": true, "attribution": false, "share_alike": false, "note": "Synthesised on your machine by the studio''s own engines, without samples or model weights. You own the result.", "url": ""}','job_01m7yzy5dgtvr10m6476y5rs19','primary','ann','team','private',0,NULL,NULL,'2026-11-21 12:05:15.386799','2026-11-21 12:05:15.386799');
INSERT INTO "assets" VALUES('asset_01m7yzy5knn0bx3285gmpp5jg3','music','ai_music','scripted','','[]',NULL,0,1.0,'bin',NULL,NULL,34,'bd6d07550892a31bb5a7e0c6bb7ba2666601b9cbcbb5f0a341478536127bbbee',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]','{"provider": "remote"}',100000000,'{"id": "own-work", "publish": true, "credit": "", "ends": "", "title": "Own work", "royalty_free": true, "commercial": true, "attribution": false, "share_alike": false, "note": "Synthesised on your machine by the studio''s own engines, without samples or model weights. You own the result.", "url": ""}','job_01m7yzy5gj11fkk3hxzz319bcm','primary','local','','private',0,NULL,NULL,'2026-11-21 12:05:15.505021','2026-11-21 12:05:15.505021');
INSERT INTO "assets" VALUES('asset_derived','music','mixed','Derived','','[]',NULL,0,1.0,'bin',NULL,NULL,34,'77ec038ac77fbb0ba7e81b8e60964b871534d62ba5be65848aaa9dbf9486e683',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]','{"provider": "scripted"}',300000000,'{"id": "own-work", "publish": true, "credit": "", "ends": "", "title": "Own work", "royalty_free": true, "commercial": true, "attribution": false, "share_alike": false, "note": "Synthesised on your machine by the studio''s own engines, without samples or model weights. You own the result.", "url": ""}',NULL,'primary','local','','private',1,'2026-11-21 12:05:15.570787','2026-11-21 12:05:15.570789','2026-11-21 12:05:15.183463','2026-11-21 12:05:15.183463');
CREATE TABLE attempts (
	id VARCHAR(60) NOT NULL, 
	job_id VARCHAR(60) NOT NULL, 
	step VARCHAR(40) NOT NULL, 
	number INTEGER NOT NULL, 
	provider VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	model VARCHAR(80) NOT NULL, 
	form VARCHAR(10) NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	epoch INTEGER NOT NULL, 
	remote_id VARCHAR(200), 
	result JSON, 
	error JSON, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_attempts PRIMARY KEY (id), 
	CONSTRAINT uq_attempts_job_id_step_number UNIQUE (job_id, step, number)
);
INSERT INTO "attempts" VALUES('attempt_01m7yzy5845pe1s6kg7kc5b1h5','job_01m7yzy55sxxt0bmjv8f2zjqb4','main',1,'scripted','scripted','default','make','succeeded',1,NULL,'{"outputs": [{"role": "primary", "path": "{HOME}/work/job_01m7yzy55sxxt0bmjv8f2zjqb4/attempt_01m7yzy5845pe1s6kg7kc5b1h5/track.bin", "kind": "music", "facts": {"duration_s": 1.0}}], "units": {"tracks": "3"}, "cost_usd": null, "facts": {}}','null','2026-11-21 12:05:15.140924','2026-11-21 12:05:15.173006','2026-11-21 12:05:15.173054');
INSERT INTO "attempts" VALUES('attempt_01m7yzy5atd8xs9q1qjrrc2y47','job_01m7yzy5ac8yzbj2z5wqt77mxy','main',1,'scripted','scripted','default','make','failed',1,NULL,'null','{"kind": "Rejected", "message": "this content is refused", "hint": "", "code": "rejected"}','2026-11-21 12:05:15.226597','2026-11-21 12:05:15.238672','2026-11-21 12:05:15.238725');
INSERT INTO "attempts" VALUES('attempt_01m7yzy5c8eyjasv11s77nh66r','job_01m7yzy5bdj8mk3b22kgba693w','main',1,'scripted','scripted','default','make','unknown',1,NULL,'null','{"kind": "OutcomeUnknown", "message": "the connection broke after the request was sent", "hint": "", "code": "outcome_unknown"}','2026-11-21 12:05:15.272970','2026-11-21 12:05:15.290403','2026-11-21 12:05:15.291722');
INSERT INTO "attempts" VALUES('attempt_01m7yzy5ejq07v3c6htnewmq8m','job_01m7yzy5dgtvr10m6476y5rs19','main',1,'free','scripted','default','make','succeeded',1,NULL,'{"outputs": [{"role": "primary", "path": "{HOME}/work/job_01m7yzy5dgtvr10m6476y5rs19/attempt_01m7yzy5ejq07v3c6htnewmq8m/track.bin", "kind": "music", "facts": {"duration_s": 1.0}}], "units": {"tracks": "1"}, "cost_usd": null, "facts": {}}','null','2026-11-21 12:05:15.346716','2026-11-21 12:05:15.369084','2026-11-21 12:05:15.369150');
INSERT INTO "attempts" VALUES('attempt_01m7yzy5hcwa1140xqm8hpqvzd','job_01m7yzy5gj11fkk3hxzz319bcm','main',1,'remote','scripted','default','job','succeeded',1,'1795262715.4686785','{"outputs": [{"role": "primary", "path": "{HOME}/work/job_01m7yzy5gj11fkk3hxzz319bcm/attempt_01m7yzy5hcwa1140xqm8hpqvzd/track.bin", "kind": "music", "facts": {"duration_s": 1.0}}], "units": {"tracks": "1"}, "cost_usd": null, "facts": {}}','null','2026-11-21 12:05:15.436407','2026-11-21 12:05:15.491947','2026-11-21 12:05:15.492017');
INSERT INTO "attempts" VALUES('attempt_01m7yzy5pseat4ksp148efbcqe','job_01m7yzy5nttmmj44j6gfsx3a9q','main',1,'remote','scripted','default','job','started',1,'1.0','null','null','2026-11-21 12:05:15.609575',NULL,'2026-11-21 12:05:15.675208');
INSERT INTO "attempts" VALUES('attempt_01m7yzy5qch3w13pq4mb6xbvpf','job_01m7yzy5nzh071342dfkp9nvak','main',1,'scripted','scripted','default','make','intended',1,NULL,'null','null','2026-11-21 12:05:15.628716',NULL,'2026-11-21 12:05:15.648768');
CREATE TABLE blobs (
	sha256 VARCHAR(64) NOT NULL, 
	bytes BIGINT NOT NULL, 
	"references" INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_blobs PRIMARY KEY (sha256)
);
INSERT INTO "blobs" VALUES('77ec038ac77fbb0ba7e81b8e60964b871534d62ba5be65848aaa9dbf9486e683',34,2,'2026-11-21 12:05:15.189531');
INSERT INTO "blobs" VALUES('cd1854e61663492f707a9e44bcfa0ec0f7acd7222f476ba94f92b87c7713950a',34,1,'2026-11-21 12:05:15.396692');
INSERT INTO "blobs" VALUES('bd6d07550892a31bb5a7e0c6bb7ba2666601b9cbcbb5f0a341478536127bbbee',34,1,'2026-11-21 12:05:15.511631');
CREATE TABLE blocked_providers (
	provider VARCHAR(40) NOT NULL, 
	reason VARCHAR(400) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_blocked_providers PRIMARY KEY (provider)
);
INSERT INTO "blocked_providers" VALUES('narrow','billed too much','2026-11-21 12:05:15.568339');
CREATE TABLE budgets (
	scope VARCHAR(20) NOT NULL, 
	limit_usd BIGINT NOT NULL, 
	alert_percents JSON NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_budgets PRIMARY KEY (scope)
);
INSERT INTO "budgets" VALUES('day',7500000000,'[75, 90]','2026-11-21 12:05:15.546648');
CREATE TABLE cached_answers (
	"key" VARCHAR(64) NOT NULL, 
	provider VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	value JSON NOT NULL, 
	made_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_cached_answers PRIMARY KEY ("key")
);
INSERT INTO "cached_answers" VALUES('kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk','remote','search','{"found": [1, "é"]}','2026-11-21 12:05:15.568712','2026-11-21 12:05:15.568713');
CREATE TABLE charges (
	id VARCHAR(60) NOT NULL, 
	attempt_id VARCHAR(60) NOT NULL, 
	job_id VARCHAR(60) NOT NULL, 
	root_job_id VARCHAR(60) NOT NULL, 
	user_id VARCHAR(60) NOT NULL, 
	organisation_id VARCHAR(60) NOT NULL, 
	provider VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	model VARCHAR(80) NOT NULL, 
	units JSON NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	reserved_usd BIGINT NOT NULL, 
	settled_usd BIGINT NOT NULL, 
	price JSON NOT NULL, 
	day DATE NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_charges PRIMARY KEY (id), 
	CONSTRAINT uq_charges_attempt_id UNIQUE (attempt_id)
);
INSERT INTO "charges" VALUES('charge_01m7yzy58pvfeb3n0t894ka0dy','attempt_01m7yzy5845pe1s6kg7kc5b1h5','job_01m7yzy55sxxt0bmjv8f2zjqb4','job_01m7yzy55sxxt0bmjv8f2zjqb4','local','','scripted','scripted','default','{"tracks": "3"}','settled',300000000,300000000,'{"lines": [{"unit": "tracks", "quantity": "3", "usd_each": "0.10", "usd": "0.30", "source": "test", "checked_on": "2026-11-01"}]}','2026-11-21','2026-11-21 12:05:15.158702','2026-11-21 12:05:15.171054');
INSERT INTO "charges" VALUES('charge_01m7yzy5b02xn7xay4tpxbmsd8','attempt_01m7yzy5atd8xs9q1qjrrc2y47','job_01m7yzy5ac8yzbj2z5wqt77mxy','job_01m7yzy5ac8yzbj2z5wqt77mxy','local','','scripted','scripted','default','{"tracks": "1"}','released',100000000,0,'{"lines": [{"unit": "tracks", "quantity": "1", "usd_each": "0.10", "usd": "0.10", "source": "test", "checked_on": "2026-11-01"}]}','2026-11-21','2026-11-21 12:05:15.232432','2026-11-21 12:05:15.238202');
INSERT INTO "charges" VALUES('charge_01m7yzy5cme3pbhn4vqgh8nw1f','attempt_01m7yzy5c8eyjasv11s77nh66r','job_01m7yzy5bdj8mk3b22kgba693w','job_01m7yzy5bdj8mk3b22kgba693w','local','','scripted','scripted','default','{"tracks": "1"}','reserved',100000000,0,'{"lines": [{"unit": "tracks", "quantity": "1", "usd_each": "0.10", "usd": "0.10", "source": "test", "checked_on": "2026-11-01"}]}','2026-11-21','2026-11-21 12:05:15.284378','2026-11-21 12:05:15.284387');
INSERT INTO "charges" VALUES('charge_01m7yzy5enndd29x9vrwcyb3rt','attempt_01m7yzy5ejq07v3c6htnewmq8m','job_01m7yzy5dgtvr10m6476y5rs19','job_01m7yzy5dgtvr10m6476y5rs19','ann','team','free','scripted','default','{}','settled',0,0,'{"lines": []}','2026-11-21','2026-11-21 12:05:15.349893','2026-11-21 12:05:15.368701');
INSERT INTO "charges" VALUES('charge_01m7yzy5j5e6mfsznwdfxhqk8k','attempt_01m7yzy5hcwa1140xqm8hpqvzd','job_01m7yzy5gj11fkk3hxzz319bcm','job_01m7yzy5gj11fkk3hxzz319bcm','local','','remote','scripted','default','{"tracks": "1"}','settled',100000000,100000000,'{"lines": [{"unit": "tracks", "quantity": "1", "usd_each": "0.10", "usd": "0.10", "source": "test", "checked_on": "2026-11-01"}]}','2026-11-21','2026-11-21 12:05:15.461086','2026-11-21 12:05:15.486755');
INSERT INTO "charges" VALUES('charge_01m7yzy5q796w31qzy4c6rveba','attempt_01m7yzy5pseat4ksp148efbcqe','job_01m7yzy5nttmmj44j6gfsx3a9q','job_01m7yzy5nttmmj44j6gfsx3a9q','local','','remote','scripted','default','{"tracks": "1"}','reserved',100000000,0,'{"lines": [{"unit": "tracks", "quantity": "1", "usd_each": "0.10", "usd": "0.10", "source": "test", "checked_on": "2026-11-01"}]}','2026-11-21','2026-11-21 12:05:15.623929','2026-11-21 12:05:15.623945');
INSERT INTO "charges" VALUES('charge_01m7yzy5qpf3kskksmdjvxejab','attempt_01m7yzy5qch3w13pq4mb6xbvpf','job_01m7yzy5nzh071342dfkp9nvak','job_01m7yzy5nzh071342dfkp9nvak','local','','scripted','scripted','default','{"tracks": "1"}','reserved',100000000,0,'{"lines": [{"unit": "tracks", "quantity": "1", "usd_each": "0.10", "usd": "0.10", "source": "test", "checked_on": "2026-11-01"}]}','2026-11-21','2026-11-21 12:05:15.638921','2026-11-21 12:05:15.638934');
CREATE TABLE jobs (
	id VARCHAR(60) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	priority INTEGER NOT NULL, 
	position FLOAT NOT NULL, 
	resource VARCHAR(10) NOT NULL, 
	request JSON NOT NULL, 
	result JSON, 
	error JSON, 
	parent_id VARCHAR(60), 
	root_id VARCHAR(60) NOT NULL, 
	idempotency_key VARCHAR(200), 
	user_id VARCHAR(60) NOT NULL, 
	organisation_id VARCHAR(60) NOT NULL, 
	visibility VARCHAR(20) NOT NULL, 
	actor JSON NOT NULL, 
	cap_usd BIGINT, 
	paused BOOLEAN NOT NULL, 
	cancel_requested BOOLEAN NOT NULL, 
	stage VARCHAR(60) NOT NULL, 
	fraction FLOAT NOT NULL, 
	eta_s FLOAT, 
	attempt INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	worker_id VARCHAR(80), 
	provider VARCHAR(40), 
	created_at DATETIME NOT NULL, 
	started_at DATETIME, 
	finished_at DATETIME, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (id), 
	CONSTRAINT uq_jobs_user_id_idempotency_key UNIQUE (user_id, idempotency_key)
);
INSERT INTO "jobs" VALUES('job_01m7yzy55sxxt0bmjv8f2zjqb4','bought','scripted','done',10,1.0,'net','{"account": "{HOME}/acc", "provider": "scripted", "tracks": 3}','{"assets": [{"id": "asset_01m7yzy59jqc739fmf9q4gm5ht", "role": "primary"}], "cost_usd": "0.3"}','null',NULL,'job_01m7yzy55sxxt0bmjv8f2zjqb4','once','local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Done',1.0,NULL,1,1,'worker_01m7yzy4rtj8as1g7gqq6qezbp','scripted','2026-11-21 12:05:15.065821','2026-11-21 12:05:15.106450','2026-11-21 12:05:15.183463','2026-11-21 12:05:15.190174');
INSERT INTO "jobs" VALUES('job_01m7yzy5ac8yzbj2z5wqt77mxy','bought','scripted','failed',10,2.0,'net','{"account": "{HOME}/acc", "provider": "scripted", "acts": ["rejected"]}',NULL,'{"kind": "Rejected", "message": "this content is refused", "hint": "", "code": "rejected"}',NULL,'job_01m7yzy5ac8yzbj2z5wqt77mxy',NULL,'local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Failed',0.0,NULL,1,1,'worker_01m7yzy4rtj8as1g7gqq6qezbp',NULL,'2026-11-21 12:05:15.212557','2026-11-21 12:05:15.221496','2026-11-21 12:05:15.242437','2026-11-21 12:05:15.242550');
INSERT INTO "jobs" VALUES('job_01m7yzy5bdj8mk3b22kgba693w','bought','scripted','unknown',10,3.0,'net','{"account": "{HOME}/acc", "provider": "scripted", "acts": ["unknown"]}',NULL,'{"kind": "OutcomeUnknown", "message": "Nobody can tell whether scripted billed this: the connection broke after the request was sent.", "hint": "Look at your account with scripted, then say in the Queue whether it was billed; nothing is repeated before.", "code": "outcome_unknown"}',NULL,'job_01m7yzy5bdj8mk3b22kgba693w',NULL,'local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Outcome unknown',0.0,NULL,1,1,'worker_01m7yzy4rtj8as1g7gqq6qezbp',NULL,'2026-11-21 12:05:15.245596','2026-11-21 12:05:15.260964','2026-11-21 12:05:15.300999','2026-11-21 12:05:15.301130');
INSERT INTO "jobs" VALUES('job_01m7yzy5dgtvr10m6476y5rs19','local','scripted','done',10,4.0,'cpu','{"account": "{HOME}/acc", "provider": "free"}','{"assets": [{"id": "asset_01m7yzy5g07y19jp7j39jpdydf", "role": "primary"}], "cost_usd": "0"}','null',NULL,'job_01m7yzy5dgtvr10m6476y5rs19',NULL,'ann','team','private','{"user_id": "ann", "organisation_id": "team", "tier": "studio", "is_admin": false}',NULL,0,0,'Done',1.0,NULL,1,1,'worker_01m7yzy4rtj8as1g7gqq6qezbp','free','2026-11-21 12:05:15.312704','2026-11-21 12:05:15.328944','2026-11-21 12:05:15.386799','2026-11-21 12:05:15.396898');
INSERT INTO "jobs" VALUES('job_01m7yzy5gj11fkk3hxzz319bcm','bought','scripted','done',10,5.0,'net','{"account": "{HOME}/acc", "provider": "remote"}','{"assets": [{"id": "asset_01m7yzy5knn0bx3285gmpp5jg3", "role": "primary"}], "cost_usd": "0.1"}','null',NULL,'job_01m7yzy5gj11fkk3hxzz319bcm',NULL,'local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Done',1.0,NULL,1,1,'worker_01m7yzy4rtj8as1g7gqq6qezbp','remote','2026-11-21 12:05:15.410959','2026-11-21 12:05:15.420942','2026-11-21 12:05:15.505021','2026-11-21 12:05:15.511858');
INSERT INTO "jobs" VALUES('job_01m7yzy5nttmmj44j6gfsx3a9q','bought','scripted','running',10,6.0,'net','{"account": "{HOME}/acc", "provider": "remote", "seconds": 10000}',NULL,NULL,NULL,'job_01m7yzy5nttmmj44j6gfsx3a9q',NULL,'local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Generating',0.5,0.084079,1,1,'worker_01m7yzy4rtj8as1g7gqq6qezbp',NULL,'2026-11-21 12:05:15.578906','2026-11-21 12:05:15.595223',NULL,'2026-11-21 12:05:15.681023');
INSERT INTO "jobs" VALUES('job_01m7yzy5nzh071342dfkp9nvak','bought','scripted','running',10,7.0,'net','{"account": "{HOME}/acc", "provider": "scripted", "seconds": 60}',NULL,NULL,NULL,'job_01m7yzy5nzh071342dfkp9nvak',NULL,'local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Generating',0.5,0.084079,1,1,'worker_01m7yzy4rtj8as1g7gqq6qezbp',NULL,'2026-11-21 12:05:15.583179','2026-11-21 12:05:15.595970',NULL,'2026-11-21 12:05:15.654231');
INSERT INTO "jobs" VALUES('job_01m7yzy5snaxp56c0a1rt6srty','local','scripted','waiting',0,8.0,'cpu','{"account": "{HOME}/acc", "provider": "free"}',NULL,NULL,NULL,'job_01m7yzy5snaxp56c0a1rt6srty',NULL,'local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Waiting',0.0,0.057855,1,0,NULL,NULL,'2026-11-21 12:05:15.701145',NULL,NULL,'2026-11-21 12:05:15.701145');
INSERT INTO "jobs" VALUES('job_01m7yzy5st48rmbez94s1n4c6p','local','scripted','waiting',20,9.0,'cpu','{"account": "{HOME}/acc", "provider": "free"}',NULL,NULL,NULL,'job_01m7yzy5st48rmbez94s1n4c6p',NULL,'local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Waiting',0.0,0.057855,1,0,NULL,NULL,'2026-11-21 12:05:15.706425',NULL,NULL,'2026-11-21 12:05:15.706425');
INSERT INTO "jobs" VALUES('job_01m7yzy5t1tv8wmkx013hjtkpv','local','scripted','waiting',20,10.0,'cpu','{"account": "{HOME}/acc", "provider": "free"}',NULL,NULL,NULL,'job_01m7yzy5t1tv8wmkx013hjtkpv',NULL,'local','','private','{"user_id": "local", "organisation_id": "", "tier": "studio", "is_admin": true}',NULL,0,0,'Waiting',0.0,0.057855,1,0,NULL,NULL,'2026-11-21 12:05:15.713659',NULL,NULL,'2026-11-21 12:05:15.713659');
CREATE TABLE permits (
	attempt_id VARCHAR(60) NOT NULL, 
	provider VARCHAR(40) NOT NULL, 
	taken_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	returned_at DATETIME, 
	CONSTRAINT pk_permits PRIMARY KEY (attempt_id)
);
INSERT INTO "permits" VALUES('attempt_x','narrow','2026-11-01 00:00:00.000000','2026-11-01 00:05:00.000000',NULL);
CREATE TABLE preferences (
	user_id VARCHAR(60) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	value JSON NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_preferences PRIMARY KEY (user_id, name)
);
INSERT INTO "preferences" VALUES('','order:scripted','["remote", "scripted", "idempotent", "free", "narrow", "unpriced"]','2026-11-21 12:05:15.555798');
INSERT INTO "preferences" VALUES('','queue_paused','true','2026-11-21 12:05:15.698992');
CREATE TABLE project_versions (
	project_id VARCHAR(60) NOT NULL, 
	version INTEGER NOT NULL, 
	document JSON NOT NULL, 
	message VARCHAR(200) NOT NULL, 
	user_id VARCHAR(60) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_project_versions PRIMARY KEY (project_id, version), 
	CONSTRAINT fk_project_versions_project_id FOREIGN KEY(project_id) REFERENCES projects (id) ON DELETE CASCADE
);
INSERT INTO "project_versions" VALUES('project_01m7yzy5n8avyejtdfagfnxdna',1,'{"tracks": []}','first','local','2026-11-21 12:05:15.562258');
INSERT INTO "project_versions" VALUES('project_01m7yzy5n8avyejtdfagfnxdna',2,'{"tracks": [1]}','second','local','2026-11-21 12:05:15.565654');
CREATE TABLE projects (
	id VARCHAR(60) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	version INTEGER NOT NULL, 
	user_id VARCHAR(60) NOT NULL, 
	organisation_id VARCHAR(60) NOT NULL, 
	visibility VARCHAR(20) NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_projects PRIMARY KEY (id)
);
INSERT INTO "projects" VALUES('project_01m7yzy5n8avyejtdfagfnxdna','An old project',2,'local','','private','2026-11-21 12:05:15.560080','2026-11-21 12:05:15.562861');
CREATE TABLE workers (
	id VARCHAR(80) NOT NULL, 
	host VARCHAR(200) NOT NULL, 
	pid INTEGER NOT NULL, 
	born_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_workers PRIMARY KEY (id)
);
INSERT INTO "workers" VALUES('worker_01m7yzy4rtj8as1g7gqq6qezbp','old-machine',15049,'2026-11-21 12:05:10.110000','2026-11-21 12:05:14.935445');
CREATE INDEX ix_assets_created_at ON assets (created_at);
CREATE INDEX ix_assets_job_id ON assets (job_id);
CREATE INDEX ix_assets_kind ON assets (kind);
CREATE INDEX ix_assets_sha256 ON assets (sha256);
CREATE INDEX ix_assets_updated_at ON assets (updated_at);
CREATE INDEX ix_assets_user_id ON assets (user_id);
CREATE INDEX ix_attempts_job_id ON attempts (job_id);
CREATE INDEX ix_attempts_updated_at ON attempts (updated_at);
CREATE INDEX ix_charges_day_user ON charges (day, user_id);
CREATE INDEX ix_charges_job_id ON charges (job_id);
CREATE INDEX ix_charges_root_job_id ON charges (root_job_id);
CREATE INDEX ix_charges_updated_at ON charges (updated_at);
CREATE INDEX ix_jobs_parent_id ON jobs (parent_id);
CREATE INDEX ix_jobs_queue ON jobs (status, priority, position);
CREATE INDEX ix_jobs_root_id ON jobs (root_id);
CREATE INDEX ix_jobs_updated_at ON jobs (updated_at);
CREATE INDEX ix_jobs_user_created ON jobs (user_id, created_at);
CREATE INDEX ix_permits_provider ON permits (provider);
CREATE INDEX ix_projects_user_id ON projects (user_id);
COMMIT;
