SELECT /* FROM post */ id -- FROM post
FROM /*! post */ post # x