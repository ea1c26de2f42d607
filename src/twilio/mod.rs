//! A typed client of Twilio's REST API, webhook signatures and Twilio's error table.
