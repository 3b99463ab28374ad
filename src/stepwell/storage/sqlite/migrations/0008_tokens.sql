-- Lanes that wait for somebody with their task token are looked for by people.

CREATE INDEX lanes_of_token ON lanes (execution, lane) WHERE waits = 'token';
