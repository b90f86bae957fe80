DELETE FROM author USING (SELECT * FROM post) p FULL JOIN post USING (id) WHERE p.id = author.id
