-- The test case, of the file of mocked responses, that an execution was started with. Most have none.

ALTER TABLE executions ADD COLUMN mock_test_case TEXT;
