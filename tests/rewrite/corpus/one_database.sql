SELECT id FROM post WHERE title IS NOT author_id;
SELECT STRAIGHT_JOIN post.id FROM author, post WHERE author.id = post.author_id;
SELECT p.id, c.id FROM post p FULL JOIN comment c ON c.post_id = p.id;
SELECT j.title FROM author p JOIN (post p JOIN (SELECT 1 AS one) o ON o.one = 1) AS j ON j.author_id = p.id;
SELECT p.title FROM author a LEFT JOIN (post p, comment c) ON p.author_id = a.id AND c.post_id = p.id;
SELECT sum(id) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING EXCLUDE TIES) FROM post;
SELECT id, id + 1 AS deleted_at FROM post HAVING deleted_at > 0;
TABLE comment;
