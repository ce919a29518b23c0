--
-- PostgreSQL database dump
--

CREATE TABLE greetings (name text);
