require ["vacation", "variables"];
# What many a client has: an automatic answer made by the server at delivery.
vacation :days 7 :addresses ["vacation@lab.example"] :subject "Away until Monday" "I am travelling.";
